import type { FastifyReply } from 'fastify'

/** Sends a PDF to be displayed in the browser. */
export function sendPdf(reply: FastifyReply, file: string, pdf: Buffer): FastifyReply {
  return reply
    .type('application/pdf')
    .headers({ 'content-disposition': `inline; filename="${file}"`, 'cache-control': 'no-store' })
    .send(pdf)
}
