import { queryOptions } from '@tanstack/react-query'
import type {
  DraftMessage,
  MessageDecision,
  MessagePreview,
  NewServiceMessage,
  ServiceMessageList,
  ServiceMessageView,
} from '../../../src/messages/contract.ts'
import { call, inScheme, post } from '../../api/client.ts'

export const messagesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['messages', schemeId],
    queryFn: ({ signal }) => call<ServiceMessageList>(inScheme(schemeId, '/messages'), { signal }),
    // Figures of what is on its way.
    refetchInterval: ({ state }) =>
      state.data?.messages.some(isOnItsWay) === true ? 2000 : (false as const),
  })

export function isOnItsWay(message: ServiceMessageView): boolean {
  if (message.state !== 'sent') return false
  if (message.channel === 'mail') return (message.waiting ?? 0) > 0
  return (message.delivered ?? 0) + (message.failed ?? 0) + message.withdrawn < message.recipients
}

export const previewMessage = (schemeId: string, message: DraftMessage) =>
  post<MessagePreview>(inScheme(schemeId, '/messages/preview'), message)

export const writeMessage = (schemeId: string, message: NewServiceMessage) =>
  post<ServiceMessageView>(inScheme(schemeId, '/messages'), message)

export const stopMessage = (schemeId: string, id: string) =>
  post<ServiceMessageView>(inScheme(schemeId, `/messages/${id}/stop`))

export const decideMessage = (schemeId: string, id: string, decision: MessageDecision) =>
  post<ServiceMessageView>(inScheme(schemeId, `/messages/${id}/decision`), decision)
