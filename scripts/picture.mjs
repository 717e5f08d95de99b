/**
 * `node scripts/picture.mjs`: makes docs/up.svg, the picture in the README, out of a real `sextet up`.
 *
 * The cluster comes up in a folder of its own on the ports of the tutorials, its output is taken with its colours, and
 * the cluster goes again. Nothing in the picture is written by hand but the command line.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const CHAR_WIDTH = 8.43;
const LINE_HEIGHT = 19;
const MARGIN = 18;
const TITLE_HEIGHT = 30;

/** SGR codes as the toolbox writes them, as classes of the picture. */
const CLASSES = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow', 34: 'prompt' };

const STYLE = `
  text { font: 14px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace }
  text { fill: #d6deeb; white-space: pre }
  .bold { font-weight: 700; fill: #ffffff } .dim { fill: #7f8ca3 } .prompt { fill: #82aaff }
  .red { fill: #ff6b6b } .green { fill: #7ee787 } .yellow { fill: #ffd866 }`;

async function runOnce() {
  const home = mkdtempSync(join(tmpdir(), 'sextet-picture-'));
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'sextet.js'), 'up'], {
    cwd: home,
    env: { ...process.env, FORCE_COLOR: '1' },
  });
  let shown = '';
  const take = (bytes) => {
    shown += bytes;
    if (shown.includes('stops all nodes')) child.kill('SIGINT');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', (bytes) => {
    if (!shown.includes('stops all nodes')) take(bytes);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  rmSync(home, { recursive: true, force: true });
  if (code !== 0) throw new Error(`sextet up ended with ${code}:\n${shown}`);
  return shown.trimEnd().split('\n');
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Text with colour codes, as spans. A code that ends a style ends all of them: the toolbox does not nest. */
function spansOf(line) {
  return line.split(/\x1b\[(\d+)m/).reduce(
    ({ svg, style }, part, i) => {
      if (i % 2 === 1) return { svg, style: CLASSES[part] ?? '' };
      if (part === '') return { svg, style };
      const text = escaped(part);
      return { svg: svg + (style === '' ? text : `<tspan class="${style}">${text}</tspan>`), style };
    },
    { svg: '', style: '' },
  ).svg;
}

function pictureOf(lines) {
  const plain = lines.map((line) => line.replaceAll(/\x1b\[\d+m/g, ''));
  const width = Math.ceil(Math.max(...plain.map((line) => line.length)) * CHAR_WIDTH + 2 * MARGIN);
  const height = TITLE_HEIGHT + lines.length * LINE_HEIGHT + MARGIN;
  const texts = lines.map((line, i) => {
    const y = TITLE_HEIGHT + (i + 1) * LINE_HEIGHT - 4;
    return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${spansOf(line)}</text>`;
  });
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, i) => `<circle cx="${20 + i * 18}" cy="16" r="5.5" fill="${fill}"/>`,
  );
  const box = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} role="img">
<title>six nodes come up and form a cluster</title>
<style>${STYLE}
</style>
<rect width="100%" height="100%" rx="8" fill="#0b1220"/>
${dots.join('')}
${texts.join('\n')}
</svg>
`;
}

const PROMPT = '\x1b[34m$\x1b[39m';
writeFileSync(join(ROOT, 'docs', 'up.svg'), pictureOf([`${PROMPT} npm start`, ...(await runOnce())]));
console.log('docs/up.svg is made');
