import { Button, Radio, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChangeView } from '../../../src/changes/contract.ts'
import { callApi } from '../../api/client.ts'
import { serverNow } from '../../api/clock.ts'
import { useAction } from '../../api/useAction.ts'
import { countOf, moneyOf, whenOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { membersChanged } from '../members/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Import.module.css'
import { welcomeQuery } from './queries.ts'

type Choice = 'none' | 'sms' | 'mail'

/** Offers to send the members that an import added why they are in the list, with the text and its cost. */
export function Welcome(props: { changeId: string; onPlanned: (change: ChangeView) => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const [choice, setChoice] = useState<Choice>('none')
  const { queryKey, ...query } = welcomeQuery(scheme.id, props.changeId)
  const preview = useQuery({ queryKey, ...query })
  const send = useAction(
    (body: { channel: 'sms' | 'mail'; members: number }) =>
      callApi('welcomeMembers', { params: { scheme: scheme.id, id: props.changeId }, body }),
    {
      refresh: [queryKey, ...membersChanged(scheme.id)],
      onSuccess: (change) => {
        setChoice('none')
        props.onPlanned(change)
      },
      refreshAfterFailure: [queryKey],
    },
  )
  const { data } = preview
  if (preview.isError) return <Failure error={preview.error} retry={() => void preview.refetch()} />
  // Everybody who was added has a notice, or nobody can get one.
  if (data === undefined || data.members === 0 || data.sms.messages + data.mail.messages === 0) return null
  const { members, sms, mail } = data
  const hint = (way: typeof mail) => ({
    count: way.messages,
    shown: countOf(lang, way.messages),
    left: members - way.members,
  })
  const chosen = choice === 'none' ? undefined : data[choice]
  return (
    <section className={classes.step} data-welcome aria-labelledby="import-welcome">
      <h2 id="import-welcome" className={classes.title}>
        {t('import.welcome')}
      </h2>
      <p className={classes.mute}>{t('import.welcome.why')}</p>
      <Radio.Group
        aria-labelledby="import-welcome"
        value={choice}
        onChange={(value) => setChoice(value as Choice)}
      >
        <Stack gap={10}>
          <Radio value="none" label={t('import.welcome.none')} />
          <Radio
            value="sms"
            label={t('import.welcome.sms')}
            description={t('import.welcome.sms.hint', { ...hint(sms), cost: moneyOf(lang, sms.costCents) })}
            disabled={sms.messages === 0}
          />
          <Radio
            value="mail"
            label={t('import.welcome.mail')}
            description={t('import.welcome.mail.hint', hint(mail))}
            disabled={mail.messages === 0}
          />
        </Stack>
      </Radio.Group>
      {chosen !== undefined && (
        <>
          <blockquote className={classes.example} aria-label={t('import.welcome.text')}>
            {chosen.example}
          </blockquote>
          <p>{t('import.welcome.when', { when: whenOf(lang, chosen.at, serverNow()) })}</p>
        </>
      )}
      <Failure error={send.failure} />
      {choice !== 'none' && (
        <div className={classes.actions}>
          <Button loading={send.isPending} onClick={() => send.mutate({ channel: choice, members })}>
            {t('import.welcome.send', {
              count: chosen?.members ?? 0,
              shown: countOf(lang, chosen?.members ?? 0),
            })}
          </Button>
        </div>
      )}
    </section>
  )
}
