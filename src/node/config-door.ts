/**
 * CONFIG as clients reach it: `Config` with what it does not know itself, which is who asks, the files of the machine,
 * and the log.
 */
import type { Files, LogLevel } from '../base/host.js';
import { sha256 } from '../base/sha256.js';
import type { Session } from '../commands/handler.js';
import type { ConfigDoor } from '../commands/server/config.js';
import type { Config } from './config.js';
import { rewriteConfigFile } from './config/rewrite.js';
import { unservedWarnings } from './config/unserved.js';

/** What the node tells its configuration. */
export interface ConfigSurroundings {
  readonly files: Files;
  log(level: LogLevel, text: string): void;
  isLocal(session: Session): boolean;
  isLoading(): boolean;
  resetStatistics(): void;
}

/** The one user there is, as Redis writes it into the file. */
export function defaultUser(password: string): string {
  const access = password === '' ? 'nopass' : `#${sha256(Buffer.from(password, 'latin1'))}`;
  return `default on ${access} ~* &* +@all`;
}

export class NodeConfig implements ConfigDoor {
  constructor(
    private readonly config: Config,
    private readonly around: ConfigSurroundings,
  ) {}

  show(patterns: readonly string[]): [name: string, value: string][] {
    return this.config.show(patterns);
  }

  change(texts: readonly string[], session: Session): string | null {
    const rights = { isLocal: this.around.isLocal(session), isLoading: this.around.isLoading() };
    const warned = new Set(unservedWarnings(this.config));
    const change = this.config.change(texts, rights);
    for (const line of change.log) this.around.log('warning', line);
    for (const line of unservedWarnings(this.config)) if (!warned.has(line)) this.around.log('warning', line);
    return change.ok ? null : change.error;
  }

  rewrite(what: 'changed' | 'all'): string | null {
    if (this.config.file === null) return 'ERR The server is running without a config file';
    const options = { users: [defaultUser(this.config.requirepass)], force: what === 'all' };
    const wrong = rewriteConfigFile(this.around.files, this.config, options);
    if (wrong === null) {
      this.around.log('warning', 'CONFIG REWRITE executed with success.');
      return null;
    }
    this.around.log('warning', `CONFIG REWRITE failed: ${wrong}`);
    return `ERR Rewriting config file: ${wrong}`;
  }

  resetStatistics(): void {
    this.around.resetStatistics();
  }

  isSecret(name: string): boolean {
    return this.config.isSecret(name);
  }
}
