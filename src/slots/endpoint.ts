/**
 * How clients are told to reach a node: in MOVED and ASK, in CLUSTER SLOTS and SHARDS.
 *
 * `cluster-preferred-endpoint-type` chooses between address, host name and nothing. Nothing means: the host you are
 * connected to, at this other port; it is for nodes behind one address that they do not know themselves.
 */

export type EndpointType = 'ip' | 'hostname' | 'unknown-endpoint';

export interface Endpoint {
  host: string;
  port: number;
}

/** What of a node it takes. `plainPort` is 0 where `port` is the one without TLS. */
export interface Reachable {
  readonly address: { readonly ip: string; readonly port: number; readonly plainPort: number };
  readonly hostname: string;
}

/** '' for nothing, as MOVED prints it; '?' where a host name is preferred and the node has none. */
export function preferredHost(node: Reachable, preferred: EndpointType): string {
  switch (preferred) {
    case 'ip':
      return node.address.ip;
    case 'hostname':
      return node.hostname || '?';
    case 'unknown-endpoint':
      return '';
  }
}

/** A client without TLS in a cluster with it is sent to the plain ports. */
export function clientPort(node: Reachable, transport: 'plain' | 'tls'): number {
  const { port, plainPort } = node.address;
  return transport === 'plain' && plainPort !== 0 ? plainPort : port;
}
