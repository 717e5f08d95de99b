/**
 * What this server is, and what it is compatible with.
 *
 * Clients and tools look at the first number and take us for that; people look at both.
 */

export const REDIS_VERSION = '7.0.15';
/** As in package.json, which a test compares. */
export const SEXTET_VERSION = '0.1.0';
