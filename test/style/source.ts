/**
 * Reads the source as the style test needs it: the text, its lines, and the syntax tree of the bundler's own parser.
 *
 * Walking the tree instead of matching text is what keeps a word in a comment or an error text from being a finding.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** Any node of the tree; only what a rule looks at is named. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Parsed when it is first asked for its nodes, and walked once for all rules. */
export class SourceFile {
  readonly lines: readonly string[];
  private places: readonly Place[] | null = null;

  /** `path` is relative to the project, with `/`. */
  constructor(
    readonly path: string,
    readonly text: string,
  ) {
    this.lines = text.split('\n');
  }

  /** All nodes of the tree, from the outside in. */
  get nodes(): readonly Place[] {
    this.places ??= placesIn(parseAst(this.text, { lang: 'ts' }) as unknown as SyntaxNode);
    return this.places;
  }
}

export interface Place {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode;
}

const ROOT = new URL('../..', import.meta.url);

export function readSource(path: string, text: string): SourceFile {
  return new SourceFile(path, text);
}

/** All files under `folder` with one of these endings. */
export function readFolder(folder: string, ...endings: string[]): SourceFile[] {
  const found: SourceFile[] = [];
  for (const entry of readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, withFileTypes: true })) {
    const path = posix.join(entry.parentPath.replaceAll('\\', '/'), entry.name).slice(rootLength());
    if (!entry.isFile() || path.includes('node_modules/') || !endings.some((ending) => path.endsWith(ending))) continue;
    found.push(readSource(path, readFileSync(new URL(path, ROOT), 'utf8')));
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function rootLength(): number {
  return join(decodeURIComponent(ROOT.pathname)).length;
}

export function lineOf(file: SourceFile, offset: number): number {
  let line = 1;
  for (let at = file.text.indexOf('\n'); at >= 0 && at < offset; at = file.text.indexOf('\n', at + 1)) line++;
  return line;
}

function placesIn(tree: SyntaxNode): Place[] {
  const places: Place[] = [];
  const below = (parent: SyntaxNode): void => {
    for (const value of Object.values(parent)) {
      for (const node of Array.isArray(value) ? value : [value]) {
        if (!isNode(node)) continue;
        places.push({ node, parent });
        below(node);
      }
    }
  };
  below(tree);
  return places;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

export interface Import {
  readonly from: string;
  readonly offset: number;
  /** Gone after compiling: it can make no cycle at run time. */
  readonly isType: boolean;
}

export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  for (const { node } of file.nodes) {
    const source = node.source as SyntaxNode | null | undefined;
    const isFrom = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'].includes(node.type);
    const isOther = node.type === 'ImportExpression' || node.type === 'TSImportType';
    if (!source || !(isFrom || isOther) || typeof source.value !== 'string') continue;
    const isType = node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType';
    found.push({ from: source.value, offset: node.start, isType });
  }
  return found;
}
