import { Checkbox, Radio, Skeleton, Stack } from '@mantine/core'
import { readablePhone } from '../../../../src/message/phone.ts'
import type { DataRequestView, ErasurePreview, Traces } from '../../../../src/privacy/requests/contract.ts'
import { TRACE_SECTIONS } from '../../../../src/privacy/requests/sections.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import classes from '../Settings.module.css'
import type { ErasureChoice, useErasurePreview } from './useErasurePreview.ts'

/** Returns whether the answer to an erasure request erased anything. */
export function hasErased({ erased, traces }: Pick<DataRequestView, 'erased' | 'traces'>): boolean {
  return (erased ?? 0) > 0 || Object.keys(traces?.erased ?? {}).length > 0
}

/** Asks whom an erasure is about, and says what is found of them and what stays, before it is granted. */
export function ErasureChoices(props: {
  request: DataRequestView
  preview: ReturnType<typeof useErasurePreview>
  onChoose: (choice: ErasureChoice) => void
}) {
  const { t } = useText()
  const { request, preview, onChoose } = props
  if (preview.isError) return <Failure error={preview.error} retry={() => void preview.refetch()} />
  if (preview.data === undefined) return <Skeleton height={80} radius="lg" />
  const { candidates, erase, contacts } = preview.data
  const { member } = request
  return (
    <>
      {member !== null && candidates.length > 0 && (
        <Radio.Group
          label={t('requests.erase.whom')}
          value={erase ?? ''}
          onChange={(value) =>
            onChoose(
              value === 'member'
                ? { erase: 'member' }
                : { erase: 'people', contacts: candidates.slice(0, 1).map(({ id }) => id) },
            )
          }
        >
          <Stack gap={10} mt={6}>
            <Radio value="member" label={t('requests.erase.member', { name: member.name })} />
            <Radio value="people" label={t('requests.erase.some')} />
          </Stack>
        </Radio.Group>
      )}
      {member !== null && candidates.length === 0 && erase === null && (
        <Checkbox
          checked={false}
          onChange={() => onChoose({ erase: 'member' })}
          label={t('requests.erase.member', { name: member.name })}
        />
      )}
      {erase === null && (
        <p className={classes.lead}>{t('requests.erase.unnamed', { person: request.person })}</p>
      )}
      {erase === 'people' && candidates.length > 0 && (
        <Checkbox.Group
          label={t('requests.erase.contacts')}
          value={contacts}
          onChange={(chosen) => {
            // Without a chosen contact, the erasure of a member’s contacts would erase nothing.
            if (member === null || chosen.length > 0) onChoose({ erase: 'people', contacts: chosen })
          }}
        >
          <Stack gap={10} mt={6}>
            {candidates.map((one) => (
              <Checkbox
                key={one.id}
                value={one.id}
                label={t('requests.erase.contact', {
                  person: one.person || t('requests.erase.noName'),
                  name: one.member.name,
                })}
                description={
                  one.isLast && contacts.includes(one.id)
                    ? t('requests.erase.last', { name: one.member.name })
                    : undefined
                }
              />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      {erase === 'member' && (
        <>
          <p>{t('requests.erase.what', { name: member?.name ?? '' })}</p>
          {candidates.length > 0 && (
            <p>{t('requests.erase.with', { people: namesOf(candidates, t('requests.erase.noName')) })}</p>
          )}
        </>
      )}
      {erase === 'people' && <FoundTraces preview={preview.data} isMember={member !== null} />}
    </>
  )
}

function namesOf(candidates: ErasurePreview['candidates'], noName: string): string {
  return candidates.map(({ person }) => person || noName).join(', ')
}

function FoundTraces({ preview, isMember }: { preview: ErasurePreview; isMember: boolean }) {
  const { t } = useText()
  const { found, keys } = preview
  const isEmpty = Object.keys(found).length === 0
  const searched = keys.map((key) => (key.includes('@') ? key : readablePhone(key))).join(', ')
  return (
    <>
      <p className={classes.lead}>
        {searched === ''
          ? t(isMember ? 'requests.erase.noKeys.contact' : 'requests.erase.noKeys')
          : t('requests.erase.keys', { keys: searched })}
      </p>
      {isEmpty ? (
        searched !== '' && <p>{t('requests.erase.none')}</p>
      ) : (
        <TraceList of={found} title="found" />
      )}
      {!isEmpty && <p>{t('requests.erase.people.what')}</p>}
      <p className={classes.lead}>{t('requests.erase.forces')}</p>
    </>
  )
}

/** Says what an erasure of people erased, what it kept, and why. */
export function ErasedTraces({ traces }: { traces: NonNullable<DataRequestView['traces']> }) {
  const { t } = useText()
  return (
    <>
      <TraceList of={traces.erased} title="erased" />
      <TraceList of={traces.kept} title="kept" />
      <p className={classes.lead}>{t('requests.erase.forces')}</p>
    </>
  )
}

function TraceList(props: { of: Traces; title: 'found' | 'erased' | 'kept' }) {
  const { t } = useText()
  const { of, title } = props
  const sections = TRACE_SECTIONS.filter((section) => (of[section] ?? 0) > 0)
  if (sections.length === 0) return null
  return (
    <div>
      <p>{t(`requests.traces.${title}`)}</p>
      <ul className={classes.traces}>
        {sections.map((section) => (
          <li key={section}>
            {t(`requests.trace.${section}`)} ({of[section]})
            {title === 'kept' && <>{t('requests.kept', { why: t(`requests.kept.${section}`) })}</>}
          </li>
        ))}
      </ul>
    </div>
  )
}
