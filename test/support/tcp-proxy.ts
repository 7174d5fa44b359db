import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A local port that forwards to another, changeable one, like a virtual address or a load balancer. */
export interface TcpProxy {
  readonly port: number
  /** Resets every connection; new ones are forwarded to `port`. */
  switchTo(port: number): void
  /** Like `switchTo`, but open connections stay open without passing data: the machine behind is gone. */
  abandonFor(port: number): void
  /** Resets every connection. */
  cut(): void
  /** Stops passing data in both directions without closing, like a router that forgot a connection. */
  freeze(): void
  /** Passes the retained data again. */
  thaw(): void
  stop(): Promise<void>
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const abandoned = new Set<Socket>()
  let frozen = false

  function track(socket: Socket): void {
    sockets.add(socket)
    // An error is followed by the close.
    socket.on('error', () => {})
    socket.once('close', () => {
      sockets.delete(socket)
      abandoned.delete(socket)
    })
  }

  function join(from: Socket, to: Socket): void {
    from.on('data', (data) => {
      if (!to.write(data)) from.pause()
    })
    to.on('drain', () => frozen || abandoned.has(from) || from.resume())
    from.on('end', () => to.end())
    from.once('close', () => abandoned.has(to) || frozen || to.destroy())
    if (frozen) from.pause()
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    track(near)
    track(far)
    join(near, far)
    join(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  function cut(): void {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  return {
    port: (server.address() as AddressInfo).port,
    switchTo(port) {
      target = port
      cut()
    },
    abandonFor(port) {
      target = port
      frozen = false
      for (const socket of sockets) {
        socket.pause()
        abandoned.add(socket)
      }
      sockets.clear()
    },
    cut,
    freeze() {
      frozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      frozen = false
      for (const socket of sockets) socket.resume()
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      cut()
      for (const socket of abandoned) socket.destroy()
      await closed
    },
  }
}
