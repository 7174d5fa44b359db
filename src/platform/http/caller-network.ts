import { AsyncLocalStorage } from 'node:async_hooks'

// The network of the request that is being answered. It follows the request through promises, so that the audit log can record it
// without a parameter in every action.

const networks = new AsyncLocalStorage<string | undefined>()

/** Runs work on behalf of a request from this network (see `truncatedNetworkOf`); undefined: on behalf of none. */
export function runFromNetwork<T>(network: string | undefined, work: () => T): T {
  return networks.run(network, work)
}

/** Returns the network of the request that is being answered; undefined in background work. */
export function callerNetwork(): string | undefined {
  return networks.getStore()
}
