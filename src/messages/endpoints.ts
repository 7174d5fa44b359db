import { z } from 'zod'
import { changesTo } from '../platform/http/bodies.ts'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { MessageSettings, SchemeCode } from '../schemes/contract.ts'
import { ChangeReason, Proposed } from '../settings/contract.ts'
import {
  DraftMessage,
  MessageDecision,
  MessagePreview,
  NewServiceMessage,
  ServiceMessageList,
  ServiceMessageView,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const serviceMessageEndpoints = declareEndpoints('messages', {
  listServiceMessages: {
    method: 'GET',
    path: '/api/schemes/:scheme/messages',
    permission: 'message.read',
    summary: 'List service messages, latest first',
    params: InScheme,
    answer: ServiceMessageList,
  },
  previewServiceMessage: {
    method: 'POST',
    path: '/api/schemes/:scheme/messages/preview',
    permission: 'message.write',
    summary: 'Preview the recipients, price and time of a service message',
    params: InScheme,
    body: DraftMessage,
    answer: MessagePreview,
  },
  writeServiceMessage: {
    method: 'POST',
    path: '/api/schemes/:scheme/messages',
    permission: 'message.write',
    summary: 'Send a service message to a group of members; above a limit a second person must approve it',
    params: InScheme,
    body: NewServiceMessage,
    answer: ServiceMessageView,
    status: 201,
  },
  decideServiceMessage: {
    method: 'POST',
    path: '/api/schemes/:scheme/messages/:id/decision',
    permission: 'message.approve',
    needsFactor: true,
    summary: 'Approve and send a pending service message, or refuse it',
    params: InScheme.extend({ id: z.uuid() }),
    body: MessageDecision,
    answer: ServiceMessageView,
  },
  stopServiceMessage: {
    method: 'POST',
    path: '/api/schemes/:scheme/messages/:id/stop',
    permission: 'message.write',
    summary: 'Stop a service message: deliveries not yet submitted are withdrawn',
    params: InScheme.extend({ id: z.uuid() }),
    answer: ServiceMessageView,
  },
  getMessageSettings: {
    method: 'GET',
    path: '/api/schemes/:scheme/message-settings',
    permission: 'message.settings',
    summary: 'Get the settings of service messages',
    params: InScheme,
    answer: MessageSettings,
  },
  setMessageSettings: {
    method: 'PUT',
    path: '/api/schemes/:scheme/message-settings',
    permission: 'message.settings',
    needsFactor: true,
    summary: 'Set the settings of service messages',
    params: InScheme,
    body: changesTo(MessageSettings.extend({ reason: ChangeReason.optional() })),
    answer: MessageSettings.extend({ proposed: Proposed }),
  },
})
