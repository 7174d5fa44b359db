import { PgBoss } from 'pg-boss'
import { bindPeer, submitFields } from './smpp-package.ts'

const QUEUE = 'sms'
const BATCH = 1000
/** Concurrent batches, so that the database and the link never wait for each other. */
const LOOPS = 3

interface SmsJob {
  readonly phone: string
  readonly text: string
}

/**
 * Measures the usual design, tuned: one job per recipient on pg-boss, inserted, fetched and completed 1,000 at a
 * time by three loops (no polling interval, no maintenance in between), each sent through the `smpp` package over
 * one link. No receipt is requested, and only the completion of a recipient's job is known.
 * @returns messages per second, from the first inserted job to the last completed one.
 */
export async function measureQueue(options: {
  readonly databaseUrl: string
  readonly smscPort: number
  readonly window: number
  readonly text: string
  readonly phones: readonly string[]
}): Promise<number> {
  const { text, phones, window } = options
  const boss = new PgBoss({
    connectionString: options.databaseUrl,
    max: 6,
    supervise: false,
    schedule: false,
  })
  boss.on('error', () => {})
  await boss.start()
  const link = await bindPeer(options.smscPort, `queue-${process.pid}`)
  try {
    await boss.createQueue(QUEUE, { retryLimit: 2, expireInSeconds: 600 })
    await boss.deleteAllJobs(QUEUE)
    const send = makeSender(link, window)
    const cut = new Promise<never>((_, reject) => {
      link.session.socket.once('close', () => reject(new Error('the link of the queue was cut')))
    })
    const startedAt = performance.now()
    let inserted = 0
    let completed = 0
    await Promise.all([
      ...Array.from({ length: LOOPS }, async () => {
        while (inserted < phones.length) {
          const some = phones.slice(inserted, inserted + BATCH)
          inserted += some.length
          await boss.insert(
            QUEUE,
            some.map((phone) => ({ data: { phone, text } satisfies SmsJob })),
          )
        }
      }),
      ...Array.from({ length: LOOPS }, async () => {
        while (completed < phones.length) {
          const jobs = await boss.fetch<SmsJob>(QUEUE, { batchSize: BATCH })
          if (jobs.length === 0) {
            await new Promise((resolve) => setTimeout(resolve, 2))
            continue
          }
          await Promise.race([Promise.all(jobs.map((job) => send(job.data))), cut])
          await boss.complete(
            QUEUE,
            jobs.map((job) => job.id),
          )
          completed += jobs.length
        }
      }),
    ])
    return phones.length / ((performance.now() - startedAt) / 1000)
  } finally {
    link.session.socket.removeAllListeners('close')
    link.session.destroy()
    await boss.stop({ graceful: false })
  }
}

/** Makes a function that sends one message when the window has room, and resolves once the SMSC accepted it. */
function makeSender(
  link: Awaited<ReturnType<typeof bindPeer>>,
  window: number,
): (job: SmsJob) => Promise<void> {
  const waiting: (() => void)[] = []
  let inFlight = 0
  return (job) =>
    new Promise((resolve, reject) => {
      const submit = () => {
        inFlight++
        link.cork()
        link.session.submit_sm(submitFields(job.phone, job.text, false), (pdu) => {
          inFlight--
          waiting.shift()?.()
          if (pdu.command_status === 0) resolve()
          else reject(new Error(`the SMSC refused a message of the queue: ${pdu.command_status}`))
        })
      }
      if (inFlight < window) submit()
      else waiting.push(submit)
    })
}
