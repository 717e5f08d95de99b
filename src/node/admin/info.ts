/**
 * INFO: which sections are meant, and how they are printed.
 *
 *   # Clients\r\n
 *   connected_clients:1\r\n          each section opens with its title, and an empty line parts it from the next
 *
 * The names and their order are those of 7.0.15. What is not there yet says so by its zero.
 */
import type { Node } from '../node.js';
import { clusterFields, cpuFields, keyspaceFields, serverFields, clientFields } from './info-basics.js';
import { commandFields, errorFields, latencyFields } from './info-commands.js';
import { memoryFields } from './info-memory.js';
import { replicationFields } from './info-replication.js';
import { persistenceFields, statsFields } from './info-stats.js';

export type Field = readonly [name: string, value: string | number];

interface Section {
  readonly names: readonly string[];
  readonly title: string;
  /** Whether INFO without arguments has it. */
  readonly usual: boolean;
  readonly fields: (node: Node) => readonly Field[];
}

// biome-ignore format: a table
const SECTIONS: readonly Section[] = [
  { names: ['server'],                 title: 'Server',       usual: true,  fields: serverFields },
  { names: ['clients'],                title: 'Clients',      usual: true,  fields: clientFields },
  { names: ['memory'],                 title: 'Memory',       usual: true,  fields: memoryFields },
  { names: ['persistence'],            title: 'Persistence',  usual: true,  fields: persistenceFields },
  { names: ['stats'],                  title: 'Stats',        usual: true,  fields: statsFields },
  { names: ['replication'],            title: 'Replication',  usual: true,  fields: replicationFields },
  { names: ['cpu'],                    title: 'CPU',          usual: true,  fields: cpuFields },
  { names: ['module_list', 'modules'], title: 'Modules',      usual: true,  fields: () => [] },
  { names: ['commandstats'],           title: 'Commandstats', usual: false, fields: commandFields },
  { names: ['errorstats'],             title: 'Errorstats',   usual: true,  fields: errorFields },
  { names: ['latencystats'],           title: 'Latencystats', usual: false, fields: latencyFields },
  { names: ['cluster'],                title: 'Cluster',      usual: true,  fields: clusterFields },
  { names: ['keyspace'],               title: 'Keyspace',     usual: true,  fields: keyspaceFields },
];

/** `asked` in lower case; none means the usual ones. */
export function infoText(node: Node, asked: readonly string[]): string {
  const everything = asked.includes('all') || asked.includes('everything');
  const usual = asked.length === 0 || asked.includes('default');
  const meant = SECTIONS.filter(
    (section) => everything || (usual && section.usual) || section.names.some((name) => asked.includes(name)),
  );
  return meant.map((section) => `# ${section.title}\r\n${printed(section.fields(node))}`).join('\r\n');
}

function printed(fields: readonly Field[]): string {
  let text = '';
  for (const [name, value] of fields) text += `${name}:${value}\r\n`;
  return text;
}
