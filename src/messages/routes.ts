import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { changesTo } from '../platform/bodies.ts'
import type { App } from '../platform/http.ts'
import { MessageSettings, SchemeCode } from '../schemes/contract.ts'
import {
  decideServiceMessage,
  listServiceMessages,
  previewServiceMessage,
  stopServiceMessage,
  writeServiceMessage,
} from './actions.ts'
import {
  DraftMessage,
  MessageDecision,
  MessagePreview,
  NewServiceMessage,
  ServiceMessageList,
  ServiceMessageView,
} from './contract.ts'
import { getMessageSettings, setMessageSettings } from './settings.ts'

const InScheme = z.object({ scheme: SchemeCode })
const tags = ['messages']
const path = '/api/schemes/:scheme/messages'

/** Registers the endpoints of messages from chambers to groups of members. */
export function serviceMessageRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>,
): void {
  app.get(
    path,
    {
      config: { permission: 'message.read' },
      schema: {
        tags,
        summary: 'Service messages, the latest first',
        params: InScheme,
        response: { 200: ServiceMessageList },
      },
    },
    (request) => listServiceMessages(deps, request.actor, request.params.scheme),
  )
  app.post(
    `${path}/preview`,
    {
      config: { permission: 'message.write' },
      schema: {
        tags,
        summary: 'Recipients, price and hour of a service message, without sending it',
        params: InScheme,
        body: DraftMessage,
        response: { 200: MessagePreview },
      },
    },
    (request) => previewServiceMessage(deps, request.actor, request.params.scheme, request.body),
  )
  app.post(
    path,
    {
      config: { permission: 'message.write' },
      schema: {
        tags,
        summary: 'Send a message to a group of members; above a limit it waits for a second person',
        params: InScheme,
        body: NewServiceMessage,
        response: { 201: ServiceMessageView },
      },
    },
    async (request, reply) =>
      reply
        .status(201)
        .send(await writeServiceMessage(deps, request.actor, request.params.scheme, request.body)),
  )
  app.post(
    `${path}/:id/decision`,
    {
      config: { permission: 'message.approve' },
      schema: {
        tags,
        summary: 'Send a service message that waits, or refuse it',
        params: InScheme.extend({ id: z.uuid() }),
        body: MessageDecision,
        response: { 200: ServiceMessageView },
      },
    },
    (request) =>
      decideServiceMessage(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
  app.post(
    `${path}/:id/stop`,
    {
      config: { permission: 'message.write' },
      schema: {
        tags,
        summary: 'Stop a service message: deliveries not yet submitted are withdrawn',
        params: InScheme.extend({ id: z.uuid() }),
        response: { 200: ServiceMessageView },
      },
    },
    (request) => stopServiceMessage(deps, request.actor, request.params.scheme, request.params.id),
  )
  app.get(
    '/api/schemes/:scheme/message-settings',
    {
      config: { permission: 'message.settings' },
      schema: {
        tags,
        summary: 'Settings of messages to groups',
        params: InScheme,
        response: { 200: MessageSettings },
      },
    },
    (request) => getMessageSettings(deps, request.actor, request.params.scheme),
  )
  app.put(
    '/api/schemes/:scheme/message-settings',
    {
      config: { permission: 'message.settings' },
      schema: {
        tags,
        summary: 'Change the settings of messages to groups',
        params: InScheme,
        body: changesTo(MessageSettings),
        response: { 200: MessageSettings },
      },
    },
    (request) => setMessageSettings(deps, request.actor, request.params.scheme, request.body),
  )
}
