import { z } from 'zod'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import type { MoneyDeps } from '../ledger/payments.ts'
import {
  DebitFileView,
  DebitsQuery,
  DebitsView,
  DropDebit,
  HandedDebitFile,
  NewDebitFile,
  ReturnDebit,
} from './debit-contract.ts'
import {
  createDebitFile,
  downloadDebitFile,
  dropDebit,
  dropDebitFile,
  getDebitFile,
  getDebits,
  returnDebit,
  setFileHanded,
  settleDebitFile,
} from './debits.ts'

const InScheme = z.object({ scheme: SchemeCode })
const OneFile = InScheme.extend({ file: z.uuid() })
const prefix = '/api/schemes/:scheme/debits'

/** Endpoints of direct debits, for the chamber. */
export function debitRoutes(app: App, deps: MoneyDeps): void {
  const manage = { permission: 'dues.manage' } as const
  const tags = ['dues']

  app.get(
    prefix,
    {
      config: manage,
      schema: {
        tags,
        summary: 'Files of direct debits, and what the next one would collect',
        params: InScheme,
        querystring: DebitsQuery,
        response: { 200: DebitsView },
      },
    },
    ({ actor, params, query }) => getDebits(deps, actor, params.scheme, query),
  )

  app.post(
    prefix,
    {
      config: manage,
      schema: {
        tags,
        summary: 'Create a file of direct debits for the bank',
        params: InScheme,
        body: NewDebitFile,
        response: { 200: DebitFileView },
      },
    },
    ({ actor, params, body }) => createDebitFile(deps, actor, params.scheme, body),
  )

  app.get(
    `${prefix}/:file`,
    {
      config: manage,
      schema: {
        tags,
        summary: 'One file with its debits',
        params: OneFile,
        response: { 200: DebitFileView },
      },
    },
    ({ actor, params }) => getDebitFile(deps, actor, params.scheme, params.file),
  )

  app.get(
    `${prefix}/:file/pain.008.xml`,
    { config: manage, schema: { tags, summary: 'Download the file for the bank', params: OneFile } },
    async ({ actor, params }, reply) => {
      const { no, xml } = await downloadDebitFile(deps, actor, params.scheme, params.file)
      return reply
        .type('application/xml; charset=utf-8')
        .headers({
          'content-disposition': `attachment; filename="prelevements-${params.scheme}-${no}.xml"`,
          'cache-control': 'no-store',
        })
        .send(xml)
    },
  )

  app.post(
    `${prefix}/:file/collected`,
    {
      config: manage,
      schema: {
        tags,
        summary: 'Record that the bank collected a file',
        params: OneFile,
        response: { 200: DebitFileView },
      },
    },
    ({ actor, params }) => settleDebitFile(deps, actor, params.scheme, params.file),
  )

  app.post(
    `${prefix}/:file/drop`,
    {
      config: manage,
      schema: {
        tags,
        summary: 'Drop a file that was not handed to the bank',
        params: OneFile,
        response: { 200: DebitFileView },
      },
    },
    ({ actor, params }) => dropDebitFile(deps, actor, params.scheme, params.file),
  )

  app.post(
    `${prefix}/:file/handed`,
    {
      config: manage,
      schema: {
        tags,
        summary: 'Record whether the bank has a file',
        params: OneFile,
        body: HandedDebitFile,
        response: { 200: DebitFileView },
      },
    },
    ({ actor, params, body }) => setFileHanded(deps, actor, params.scheme, params.file, body),
  )

  app.post(
    `${prefix}/:file/debits/:debit/drop`,
    {
      config: manage,
      schema: {
        tags,
        summary: 'Remove a debit from a file that was not handed to the bank',
        params: OneFile.extend({ debit: z.uuid() }),
        body: DropDebit,
        response: { 200: DebitFileView },
      },
    },
    ({ actor, params, body }) =>
      dropDebit(deps, actor, params.scheme, { file: params.file, debit: params.debit }, body),
  )

  app.post(
    `${prefix}/:file/debits/:debit/return`,
    {
      config: manage,
      schema: {
        tags,
        summary: 'Record that the bank returned a debit',
        params: OneFile.extend({ debit: z.uuid() }),
        body: ReturnDebit,
        response: { 200: DebitFileView },
      },
    },
    ({ actor, params, body }) =>
      returnDebit(deps, actor, params.scheme, { file: params.file, debit: params.debit }, body),
  )
}
