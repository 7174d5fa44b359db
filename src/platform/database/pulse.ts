import { connect, type Socket } from 'node:net'
import pg from 'pg'

/** The address of a database, whose password may be replaced. */
export interface Address {
  url: string
}

interface Stream {
  readonly bytesRead: number
  destroy(error: Error): void
}
function streamOf(client: pg.ClientBase): Stream {
  return (client as unknown as { connection: { stream: Stream } }).connection.stream
}

/** Closes a connection: pending queries fail, and the next statement gets a new connection. */
export function dropConnection(client: pg.ClientBase): void {
  streamOf(client).destroy(new Error('no answer from the database'))
}

/**
 * Records how many bytes each connection has received.
 * @returns a function that closes the connections that have received nothing since
 */
export function watchSilence(open: ReadonlySet<pg.ClientBase>): () => void {
  const received = new Map([...open].map((client) => [client, streamOf(client).bytesRead]))
  return () => {
    for (const [client, bytes] of received) {
      if (open.has(client) && streamOf(client).bytesRead === bytes) dropConnection(client)
    }
  }
}

/** Asks one address whether it still answers. */
export interface Question {
  /** Resolves or rejects once it is known that the machine lives: an error is an answer too. */
  ask(): Promise<unknown>
  /** Ends a question that is open. */
  drop(): void
}

const PULSE_MS = 2000
const PULSE_TIMEOUT_MS = 5000

/**
 * Asks at intervals whether an address answers. A machine that disappears silently (power cut, address moved) leaves
 * connections that wait for ever; TCP alone needs a quarter of an hour to notice.
 * @param watch called before each question; the function that it returns is called when there was no answer in time
 * @returns a function that stops the questions
 */
export function startPulse(question: Question, watch: () => () => void): () => void {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined

  async function sendPulse(): Promise<void> {
    const dropSilent = watch()
    // An error is more useful than silence, so the queries that wait on silent connections fail too.
    const late = setTimeout(() => {
      question.drop()
      dropSilent()
    }, PULSE_TIMEOUT_MS).unref()
    try {
      await question.ask()
    } catch {
      question.drop()
    } finally {
      clearTimeout(late)
    }
    if (isStopped) question.drop()
    else timer = setTimeout(sendPulse, PULSE_MS).unref()
  }

  void sendPulse()
  return () => {
    isStopped = true
    clearTimeout(timer)
    question.drop()
  }
}

/**
 * Asks a server by a query, on a connection of its own that is as old as those of the pool.
 * @param processName the name that the connection has at the server
 */
export function askServer(address: Address, processName: string): Question {
  let client: pg.Client | undefined

  async function open(): Promise<pg.Client> {
    const next = new pg.Client({
      connectionString: address.url,
      fallback_application_name: processName,
      connectionTimeoutMillis: PULSE_TIMEOUT_MS,
    })
    next.on('error', () => {})
    await next.connect()
    return next
  }
  return {
    async ask() {
      client ??= await open()
      await client.query('select 1')
    },
    drop() {
      if (client) dropConnection(client)
      client = undefined
    },
  }
}

/** Asks for TLS. Poolers and servers answer it with one byte before they look at a login. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Asks a pooler itself, not the server behind it: a query waits there for a free connection to the server, so a full pooler would
 * be taken for a dead one. It is asked only when a statement has waited for an interval, since each question is a connection.
 * @param open the connections through the pooler
 */
export function askPooler(address: Address, open: ReadonlySet<pg.ClientBase>): Question {
  let socket: Socket | undefined
  let waiting = new Map<pg.ClientBase, number>()

  function hasStatementThatWaits(): boolean {
    const before = waiting
    const busy = [...open].filter(
      (client) => !(client as unknown as { readyForQuery: boolean }).readyForQuery,
    )
    waiting = new Map(busy.map((client) => [client, streamOf(client).bytesRead]))
    return [...waiting].some(([client, bytes]) => before.get(client) === bytes)
  }
  return {
    async ask() {
      if (!hasStatementThatWaits()) return
      const { host, port } = new pg.Client({ connectionString: address.url })
      const connection = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect({ host, port })
      socket = connection
      try {
        await new Promise<void>((resolve, reject) => {
          connection.once('data', () => resolve())
          connection.once('close', () => resolve())
          connection.on('error', reject)
          connection.write(SSL_REQUEST)
        })
      } finally {
        connection.destroy()
      }
    },
    drop() {
      socket?.destroy()
      socket = undefined
    },
  }
}
