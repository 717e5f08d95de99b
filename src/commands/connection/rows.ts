/**
 * Commands about the connection they come in by. The columns are explained in row.ts.
 *
 * What has the flag no_auth can be said before one has logged in.
 */
/* literal table */
import type { Row } from '../row.js';
import { clientHelp, clientNoEvict, clientPause, clientReply, clientUnblock, clientUnpause } from './client-control.js';
import { clientKill } from './client-kill.js';
import { clientGetName, clientId, clientInfo, clientList, clientSetName } from './client-list.js';
import { auth, hello, quit, reset, select } from './login.js';
import { echo, ping } from './ping.js';

// biome-ignore format: a table
export const CONNECTION_ROWS: readonly Row[] = [
  // name             arity flags and categories                                          keys since     handler         summary
  ['auth',            -2,   'noscript loading stale fast no_auth allow_busy @connection', '',  '1.0.0',  auth,           'Says who one is, with a password.'],
  ['client',          -2,   '',                                                           '',  '2.4.0',  null,           'Looks at connections and steers them.'],
  ['client|getname',  2,    'noscript loading stale @connection',                         '',  '2.6.9',  clientGetName,  'Tells the name of this connection.'],
  ['client|help',     2,    'loading stale @connection',                                  '',  '5.0.0',  clientHelp,     'Lists what CLIENT can do.'],
  ['client|id',       2,    'noscript loading stale @connection',                         '',  '5.0.0',  clientId,       'Tells the number of this connection.'],
  ['client|info',     2,    'noscript loading stale @connection',                         '',  '6.2.0',  clientInfo,     'Describes this connection in one line.'],
  ['client|kill',     -3,   'admin noscript loading stale @connection',                   '',  '2.4.0',  clientKill,     'Closes connections, one by address or all that fit some filters.'],
  ['client|list',     -2,   'admin noscript loading stale @connection',                   '',  '2.4.0',  clientList,     'Describes connections, one a line.'],
  ['client|no-evict', 3,    'admin noscript loading stale @connection',                   '',  '7.0.0',  clientNoEvict,  'Saves this connection from being closed when clients take too much memory.'],
  ['client|pause',    -3,   'admin noscript loading stale @connection',                   '',  '2.9.50', clientPause,    'Holds back what clients ask for, for some milliseconds.'],
  ['client|reply',    3,    'noscript loading stale @connection',                         '',  '3.2.0',  clientReply,    'Turns the replies to this connection on, off, or off for one command.'],
  ['client|setname',  3,    'noscript loading stale @connection',                         '',  '2.6.9',  clientSetName,  'Gives this connection a name.'],
  ['client|unblock',  -3,   'admin noscript loading stale @connection',                   '',  '5.0.0',  clientUnblock,  'Ends the wait of a connection, as its time would or with an error.'],
  ['client|unpause',  2,    'admin noscript loading stale @connection',                   '',  '6.2.0',  clientUnpause,  'Lets clients go on that CLIENT PAUSE holds back.'],
  ['echo',            2,    'loading stale fast @connection',                             '',  '1.0.0',  echo,           'Sends back what it was sent.'],
  ['hello',           -1,   'noscript loading stale fast no_auth allow_busy @connection', '',  '6.0.0',  hello,          'Agrees on the protocol version, and can log in and name the connection with it.'],
  ['ping',            -1,   'fast @connection',                                           '',  '1.0.0',  ping,           'Answers PONG, or what it was sent.'],
  ['quit',            -1,   'noscript loading stale fast no_auth allow_busy @connection', '',  '1.0.0',  quit,           'Ends the connection after an OK.'],
  ['reset',           1,    'noscript loading stale fast no_auth allow_busy @connection', '',  '6.2.0',  reset,          'Puts the connection back into the state of a new one.'],
  ['select',          2,    'loading stale fast @connection',                             '',  '1.0.0',  select,         'Goes to another database.'],
];
