/**
 * What ps shows: a template with variables in braces; `{{` is a brace.
 *
 *   {title} {listen-addr} {server-mode}   →   sextet-server 127.0.0.1:7000 [cluster]
 */
import type { ConfigFields } from './fields.js';

type TitleFields = Pick<
  ConfigFields,
  'port' | 'tlsPort' | 'bind' | 'unixsocket' | 'clusterEnabled' | 'procTitleTemplate'
> & { readonly file: string | null };

/** null: a brace is left open, or `lookUp` does not know the variable. */
export function expandTitle(template: string, lookUp: (name: string) => string | null): string | null {
  let text = '';
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    if (open < 0) return trimBlanks(text + template.slice(at));
    text += template.slice(at, open);
    if (template[open + 1] === '{') {
      text += '{';
      at = open + 2;
      continue;
    }
    const close = template.indexOf('}', open + 1);
    const value = close < 0 ? null : lookUp(template.slice(open + 1, close));
    if (value === null) return null;
    text += value;
    at = close + 1;
  }
  return trimBlanks(text);
}

function trimBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && text[from] === ' ') from++;
  while (to > from && text[to - 1] === ' ') to--;
  return text.slice(from, to);
}

/** The title of a server that was started under the name `title`. */
export function procTitle(config: TitleFields, title: string): string {
  const port = config.port || config.tlsPort;
  const values = new Map([
    ['title', title],
    ['listen-addr', port ? `${config.bind[0] ?? '*'}:${port}` : `unixsocket:${config.unixsocket}`],
    ['server-mode', config.clusterEnabled ? '[cluster]' : ''],
    ['config-file', config.file ?? '-'],
    ['port', String(config.port)],
    ['tls-port', String(config.tlsPort)],
    ['unixsocket', config.unixsocket],
  ]);
  return expandTitle(config.procTitleTemplate, (name) => values.get(name) ?? null) ?? title;
}
