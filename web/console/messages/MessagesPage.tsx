import { Button, Skeleton } from '@mantine/core'
import IconMessage2 from '@tabler/icons-react/icons/IconMessage2'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { schemeQuery } from '../../api/queries.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useNew } from '../../ui/useNew.ts'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { useCurrent } from '../shell/current.tsx'
import { Message } from './Message.tsx'
import classes from './Messages.module.css'
import { messagesQuery } from './queries.ts'
import { WriteForm } from './WriteForm.tsx'

/** Lists the service messages of the chamber to its members: no alerts, and sent after everything urgent. */
export function MessagesPage() {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const writing = useNew()
  const { groupe } = useSearch({ from: '/shell/messages' })
  const navigate = useNavigate()
  const isWriting = writing.isNew && may('message.write')
  useRowKeys()
  const messages = useQuery(messagesQuery(scheme.id))
  const facts = useQuery(schemeQuery(scheme.id)).data
  const writes = may('message.write') && !isWriting && (
    <Button onClick={writing.open}>{t('messages.write')}</Button>
  )
  return (
    <Page title={t('nav.messages')} lead={t('messages.lead')} aside={writes}>
      {isWriting && facts !== undefined && (
        <WriteForm
          schemeId={scheme.id}
          facts={facts}
          mail={messages.data?.mail ?? false}
          // Another group is another message.
          key={groupe ?? ''}
          viewId={groupe ?? null}
          onClose={() => void navigate({ to: '/messages', replace: true })}
        />
      )}
      {messages.isError && <Failure error={messages.error} retry={() => void messages.refetch()} />}
      {messages.isPending && <Skeleton height={240} radius="lg" />}
      {messages.data !== undefined && messages.data.messages.length === 0 && !isWriting && (
        <Empty icon={<IconMessage2 size={36} stroke={1.4} aria-hidden />} title={t('messages.none')}>
          {t('messages.none.hint')}
        </Empty>
      )}
      {messages.data !== undefined && messages.data.messages.length > 0 && (
        <ul className={classes.list} aria-label={t('nav.messages')}>
          {messages.data.messages.map((message) => (
            <Message key={message.id} schemeId={scheme.id} message={message} facts={facts} />
          ))}
        </ul>
      )}
    </Page>
  )
}
