/**
 * What we use of redis-parser, which ships no types.
 * Its one door is `reply-reader.ts`.
 */
declare module 'redis-parser' {
  interface ParserOptions {
    returnReply(reply: unknown): void;
    /** An error reply that is not inside an array. */
    returnError(error: Error): void;
    /** Bytes that are no RESP2. The parser has dropped what it held. */
    returnFatalError(error: Error): void;
    returnBuffers: boolean;
    stringNumbers: boolean;
  }
  export default class RedisParser {
    constructor(options: ParserOptions);
    execute(bytes: Buffer): void;
    reset(): void;
  }
}
