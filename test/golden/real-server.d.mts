/**
 * Types of real-server.mjs, for the proofs that are written in TypeScript.
 */
export class Asker {
  static open(port: number): Promise<Asker>;
  ask(line: string): Promise<Buffer>;
  askBytes(request: Uint8Array): Promise<Buffer>;
  close(): void;
}

export function freePort(): Promise<number>;
export function withRealServer(run: (port: number) => Promise<void>): Promise<void>;
