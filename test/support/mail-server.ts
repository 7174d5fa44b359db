import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

/** A real SMTP server on loopback that stores received mails. */
export interface MailServer {
  readonly port: number
  readonly mails: ParsedMail[]
  /** Sets the SMTP reply code with which it refuses the next recipients; undefined: it accepts them. */
  refuse(code: number | undefined): void
  stop(): Promise<void>
}

/** Starts an SMTP server. @param account required user and password; absent: no authentication. */
export async function startMailServer(account?: {
  readonly user: string
  readonly password: string
}): Promise<MailServer> {
  const mails: ParsedMail[] = []
  let refusal: number | undefined
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', ...(account === undefined ? ['AUTH'] : [])],
    allowInsecureAuth: true,
    logger: false,
    // A sender keeps its connections for twenty seconds: the server does not wait for it at its stop.
    closeTimeout: 1,
    onAuth(auth, _session, done) {
      if (auth.username === account?.user && auth.password === account?.password)
        done(null, { user: auth.username })
      else done(Object.assign(new Error('wrong password'), { responseCode: 535 }))
    },
    onRcptTo(_address, _session, done) {
      if (refusal === undefined) done()
      else done(Object.assign(new Error('refused'), { responseCode: refusal }))
    },
    onData(stream, _session, done) {
      simpleParser(stream).then(
        (mail) => {
          mails.push(mail)
          done()
        },
        (error: Error) => done(error),
      )
    },
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refuse(code) {
      refusal = code
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
