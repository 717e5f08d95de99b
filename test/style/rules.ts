/**
 * The rules themselves: each takes files and returns what it found, as `path:line what`.
 *
 * A rule knows nothing of exemptions and never reads a file; so it can be shown a bad text of three lines and must
 * find it (`style.test.ts`, "finds").
 */
import { posix } from 'node:path';
import { DOORS, IMPURE_CALLS, IMPURE_GLOBALS, LAYERS, LIMITS, PURE_BUILTINS } from './house.js';
import { importsOf, lineOf, type SourceFile, type SyntaxNode } from './source.js';

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export type Rule = (files: readonly SourceFile[]) => Finding[];

const folderOf = (path: string): string => path.split('/')[1] ?? '';

function eachFile(judge: (file: SourceFile) => Finding[]): Rule {
  return (files) => files.flatMap(judge);
}

/** A rule that looks at each node of the tree and says what is wrong with it, or null. */
function eachNode(judge: (node: SyntaxNode, parent: SyntaxNode, file: SourceFile) => string | null): Rule {
  return eachFile((file) => {
    const found: Finding[] = [];
    for (const { node, parent } of file.nodes) {
      const what = judge(node, parent, file);
      if (what !== null) found.push({ path: file.path, line: lineOf(file, node.start), what });
    }
    return found;
  });
}

export const hasItsPlace: Rule = eachFile(({ path }) =>
  LAYERS.has(folderOf(path)) ? [] : [{ path, line: 1, what: 'this folder has no row in LAYERS' }],
);

export const importsPointDown: Rule = eachFile((file) =>
  importsOf(file).flatMap(({ from, offset }) => {
    const what = from.startsWith('.') ? judgeRelative(file.path, from) : judgePackage(file.path, from);
    return what === null ? [] : [{ path: file.path, line: lineOf(file, offset), what }];
  }),
);

function judgeRelative(path: string, from: string): string | null {
  if (!from.endsWith('.js') && !from.endsWith('.json')) return `'${from}' does not end in .js`;
  const target = posix.join(posix.dirname(path), from);
  if (!target.startsWith('src/')) return `'${from}' is outside of src`;
  const [here, there] = [folderOf(path), folderOf(target)];
  if (here === there || LAYERS.get(here)?.mayImport.includes(there)) return null;
  return `${here} may not import ${there}`;
}

function judgePackage(path: string, from: string): string | null {
  const isPure = LAYERS.get(folderOf(path))?.isPure ?? true;
  if (from.startsWith('node:')) return isPure && !PURE_BUILTINS.includes(from) ? `'${from}' in a pure folder` : null;
  const door = DOORS.get(from);
  if (door === undefined) return `package '${from}' has no row in DOORS`;
  return path.startsWith(door) ? null : `package '${from}' has its door at ${door}`;
}

/** Files that import each other at run time: who is loaded first would decide what works. */
export const noCycles: Rule = (files) => {
  const targets = new Map(files.map((file) => [file.path, runTimeTargets(file)]));
  const found: Finding[] = [];
  const seen = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) found.push({ path, line: 1, what: `cycle: ${[...way.slice(at), path].join(' > ')}` });
    if (at >= 0 || seen.has(path)) return;
    seen.add(path);
    for (const next of targets.get(path) ?? []) visit(next, [...way, path]);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
};

function runTimeTargets(file: SourceFile): string[] {
  return importsOf(file)
    .filter(({ from, isType }) => from.startsWith('.') && !isType)
    .map(({ from }) => posix.join(posix.dirname(file.path), from).replace(/\.js$/, '.ts'));
}

export const isPure: Rule = eachNode((node, parent, file) => {
  if (!LAYERS.get(folderOf(file.path))?.isPure) return null;
  if (node.type === 'AwaitExpression' || node.async === true) return 'await in a pure folder';
  if (isCallOf(node, 'Date', 'new') && (node.arguments as unknown[]).length === 0) return 'new Date() reads the clock';
  if (node.type === 'MemberExpression') return IMPURE_CALLS.has(memberName(node)) ? memberName(node) : null;
  if (node.type !== 'Identifier' || !IMPURE_GLOBALS.has(String(node.name)) || isOnlyName(node, parent)) return null;
  return `${String(node.name)} in a pure folder`;
});

/** A property or method of that name is not the global. */
function isOnlyName(node: SyntaxNode, parent: SyntaxNode): boolean {
  if (parent.type === 'MemberExpression') return parent.property === node && parent.computed !== true;
  return parent.key === node && parent.computed !== true && parent.shorthand !== true;
}

export const noTextEngines: Rule = eachNode((node, _parent, file) => {
  if (!LAYERS.get(folderOf(file.path))?.isDataPlane) return null;
  if (node.type === 'Literal' && node.regex !== undefined) return 'a regular expression in the data plane';
  if (['new', 'plain'].some((how) => isCallOf(node, 'RegExp', how))) return 'RegExp in the data plane';
  if (isCallOf(node, 'eval', 'plain') || isCallOf(node, 'Function', 'new')) return 'text as code';
  return node.type === 'MemberExpression' && memberName(node) === 'JSON.parse' ? 'JSON.parse in the data plane' : null;
});

function isCallOf(node: SyntaxNode, name: string, how: string): boolean {
  const callee = node.callee as SyntaxNode | undefined;
  return node.type === (how === 'new' ? 'NewExpression' : 'CallExpression') && callee?.name === name;
}

function memberName(node: SyntaxNode): string {
  return `${String((node.object as SyntaxNode).name)}.${String((node.property as SyntaxNode).name)}`;
}

export const namedExports: Rule = eachNode((node) =>
  node.type === 'ExportDefaultDeclaration' ? 'a default export' : null,
);

export const noAny: Rule = eachNode((node) => (node.type === 'TSAnyKeyword' ? 'any' : null));

export const noIndexFiles: Rule = eachFile(({ path }) =>
  /\/index\.[a-z]+$/.test(path) ? [{ path, line: 1, what: 'an index file' }] : [],
);

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

export const shortFunctions: Rule = eachNode((node, parent, file) => {
  if (!FUNCTIONS.includes(node.type)) return null;
  const lines = lineOf(file, node.end) - lineOf(file, node.start) + 1;
  const name = (node.id ?? parent.key ?? parent.id) as SyntaxNode | undefined;
  return lines > LIMITS.functionLines ? `${String(name?.name ?? 'a function')} has ${lines} lines` : null;
});

export const shortFiles: Rule = eachFile(({ path, lines, text }) => {
  const count = text.endsWith('\n') ? lines.length - 1 : lines.length;
  return count > LIMITS.fileLines ? [{ path, line: count, what: `${count} lines` }] : [];
});

/** A text that goes out to the letter is not broken over lines. */
const LONG_TEXT = /'[^']{50,}'|`[^`]{50,}`|"[^"]{50,}"/;

export const shortLines: Rule = eachFile(({ path, lines }) =>
  lines.flatMap((text, at) => {
    const width = LONG_TEXT.test(text) ? 0 : [...text].length;
    return width > LIMITS.lineWidth ? [{ path, line: at + 1, what: `${width} columns` }] : [];
  }),
);

export const smallFolders: Rule = (files) => {
  const counts = new Map<string, number>();
  for (const { path } of files) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
  const tooBig = [...counts].filter(([, count]) => count > LIMITS.folderFiles);
  return tooBig.map(([path, count]) => ({ path, line: 0, what: `${count} files` }));
};

export const hasHead: Rule = eachFile(({ path, text }) => {
  const head = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(text);
  const said = (head?.[1] ?? '').split('\n').filter((line) => /[A-Za-z]/.test(line)).length;
  return said < LIMITS.headLines ? [{ path, line: 1, what: `the head says ${said} lines` }] : [];
});

const UNFINISHED = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X\\b', 'not implemented'].join('|'));

export const nothingLeftOpen: Rule = eachFile(({ path, lines }) =>
  lines.flatMap((text, at) => (UNFINISHED.test(text) ? [{ path, line: at + 1, what: text.trim() }] : [])),
);
