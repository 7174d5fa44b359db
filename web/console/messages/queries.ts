import { queryOptions } from '@tanstack/react-query'
import type {
  DraftMessage,
  MessageDecision,
  NewServiceMessage,
  ServiceMessageView,
} from '../../../src/messages/contract.ts'
import { callApi } from '../../api/client.ts'

export const messagesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['messages', schemeId],
    queryFn: ({ signal }) => callApi('listServiceMessages', { params: { scheme: schemeId }, signal }),
    // Refetched often while messages are being sent.
    refetchInterval: ({ state }) =>
      state.data?.messages.some(isOnItsWay) === true ? 2000 : (false as const),
  })

export function isOnItsWay(message: ServiceMessageView): boolean {
  if (message.state !== 'sent') return false
  if (message.channel === 'mail') return (message.waiting ?? 0) > 0
  return (message.delivered ?? 0) + (message.failed ?? 0) + message.withdrawn < message.recipients
}

export const previewMessage = (schemeId: string, message: DraftMessage) =>
  callApi('previewServiceMessage', { params: { scheme: schemeId }, body: message })

export const writeMessage = (schemeId: string, message: NewServiceMessage) =>
  callApi('writeServiceMessage', { params: { scheme: schemeId }, body: message })

export const stopMessage = (schemeId: string, id: string) =>
  callApi('stopServiceMessage', { params: { scheme: schemeId, id } })

export const decideMessage = (schemeId: string, id: string, decision: MessageDecision) =>
  callApi('decideServiceMessage', { params: { scheme: schemeId, id }, body: decision })
