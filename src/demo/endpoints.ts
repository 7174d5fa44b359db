import { z } from 'zod'
import { DemoDoor, SessionView } from '../identity/contract.ts'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { PortalSession } from '../portal/contract.ts'
import {
  DemoCardOrder,
  Handset,
  HandsetEvent,
  HandsetQuery,
  HandsetState,
  MailSummary,
  MailView,
} from './contract.ts'

/** Limit per minute and address, high enough for presentations of the demo. */
const DOORS_LIMIT = { max: 120, timeWindow: 60_000, groupId: 'doors' }
const Phone = z.string().regex(/^\+?[0-9]{6,15}$/)

export const doorEndpoints = declareEndpoints('demo', {
  openDemoSession: {
    method: 'POST',
    path: '/api/demo/sessions',
    permission: 'public',
    summary: 'Sign in to a demo account without a password (demo only)',
    body: DemoDoor,
    answer: SessionView,
    rateLimit: DOORS_LIMIT,
  },
  openDemoPortal: {
    method: 'POST',
    path: '/api/demo/portal',
    permission: 'public',
    summary: 'Sign in to the portal of a tobacconist without a code (demo only)',
    answer: PortalSession,
    rateLimit: DOORS_LIMIT,
  },
})

export const handsetEndpoints = declareEndpoints('demo', {
  listHandsets: {
    method: 'GET',
    path: '/api/demo/handsets',
    permission: 'public',
    summary: 'List the simulated phones, latest recipients first (demo only)',
    query: HandsetQuery,
    answer: z.object({ handsets: z.array(Handset) }),
  },
  setHandsetState: {
    method: 'POST',
    path: '/api/demo/handsets/:phone',
    permission: 'public',
    summary: 'Switch a simulated phone on or off, or fill its memory (demo only)',
    params: z.object({ phone: Phone }),
    body: z.object({ state: HandsetState }),
    answer: Handset,
  },
  replyFromHandset: {
    method: 'POST',
    path: '/api/demo/handsets/:phone/reply',
    permission: 'public',
    summary: 'Reply from a simulated phone to its last message (demo only)',
    params: z.object({ phone: Phone }),
    body: z.object({ text: z.string().trim().min(1).max(160) }),
  },
  watchHandsets: {
    method: 'GET',
    path: '/api/demo/handsets/live',
    permission: 'public',
    summary: 'Stream the events of the simulated phones as server-sent events (demo only)',
    answer: HandsetEvent,
    produces: 'text/event-stream',
  },
})

const OneOrder = z.object({ order: z.string().regex(/^[0-9a-f]{32}$/) })

export const cardPageEndpoints = declareEndpoints('demo', {
  getDemoCardOrder: {
    method: 'GET',
    path: '/api/demo/cards/:order',
    permission: 'public',
    summary: 'Get what the stand-in for card payments asks for (demo only)',
    params: OneOrder,
    answer: DemoCardOrder,
  },
  payDemoCardOrder: {
    method: 'POST',
    path: '/api/demo/cards/:order/pay',
    permission: 'public',
    summary: 'Pay on the stand-in for card payments, which reports it as a provider does (demo only)',
    params: OneOrder,
    answer: z.object({ url: z.url() }),
    rateLimit: DOORS_LIMIT,
  },
})

export const mailEndpoints = declareEndpoints('demo', {
  listDemoMails: {
    method: 'GET',
    path: '/api/demo/mails',
    permission: 'public',
    summary: 'List the mails sent by the demo, latest first (demo only)',
    answer: z.object({ mails: z.array(MailSummary) }),
  },
  getDemoMail: {
    method: 'GET',
    path: '/api/demo/mails/:id',
    permission: 'public',
    summary: 'Get a mail sent by the demo (demo only)',
    params: z.object({ id: z.uuid() }),
    answer: MailView,
  },
  getDemoAttachment: {
    method: 'GET',
    path: '/api/demo/mails/:id/attachments/:no',
    permission: 'public',
    summary: 'Download an attachment of a mail sent by the demo (demo only)',
    params: z.object({ id: z.uuid(), no: z.coerce.number().int().min(0).max(20) }),
    produces: 'application/octet-stream',
  },
})
