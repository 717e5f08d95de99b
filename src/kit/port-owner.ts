/**
 * Who holds a port, in words for people: "redis-server (pid 4242)", "macOS' AirPlay Receiver, …".
 *
 *    Linux        /proc/net/tcp  port ─▶ socket inode ─▶ /proc/<pid>/fd/*  ─▶ name of the process
 *    anywhere     whoever it is, is asked INFO: a Redis says its version and its pid
 *    macOS        5000 and 7000 belong to AirPlay since macOS 12
 *
 * Best effort: a process of another user shows no name, and then the text says less, never something wrong.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { LOCALHOST } from './ports.js';
import { within } from './wait.js';

const LISTENING = '0A';
const AIRPLAY_PORTS = [5000, 7000];
/** A server on this machine answers in microseconds; one that says nothing until then speaks another protocol. */
const ANSWER_MS = 300;

export async function whoHolds(port: number): Promise<string> {
  const byProc = process.platform === 'linux' ? processListeningOn(port) : null;
  if (byProc) return byProc;
  const byAnswer = await within(ANSWER_MS, redisListeningOn(port));
  if (byAnswer) return byAnswer;
  if (process.platform === 'darwin' && AIRPLAY_PORTS.includes(port)) {
    return "most likely macOS' AirPlay Receiver (System Settings > General > AirDrop & Handoff switches it off)";
  }
  return process.platform === 'win32'
    ? `a process that "netstat -ano" names`
    : 'a process of another user, or a closing one';
}

function processListeningOn(port: number): string | null {
  const inodes = new Set([...inodesListening('/proc/net/tcp', port), ...inodesListening('/proc/net/tcp6', port)]);
  if (inodes.size === 0) return null;
  for (const pid of readFolder('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const holds = readFolder(`/proc/${pid}/fd`).some((fd) => inodes.has(readLink(`/proc/${pid}/fd/${fd}`)));
    if (holds) return `${readText(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
  }
  return null;
}

/** As the links in /proc/<pid>/fd name them: `socket:[12345]`. */
function inodesListening(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return readText(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTENING && columns[1]?.endsWith(`:${wanted}`))
    .map((columns) => `socket:[${columns[9]}]`);
}

/** Its INFO is text within a reply; nothing but two lines of it is of interest. */
function redisListeningOn(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOCALHOST, port });
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      const version = /redis_version:(\S+)/.exec(heard)?.[1];
      const pid = /process_id:(\d+)/.exec(heard)?.[1];
      const isLocked = heard.startsWith('-NOAUTH');
      if (isLocked) resolve('a Redis server with a password');
      if (version && pid) resolve(`a Redis server ${version} (pid ${pid})`);
      if (isLocked || (version && pid)) socket.destroy();
    });
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(null));
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.write('*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n');
  });
}

function readFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
