import { Button, Modal, Skeleton, Table, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { CharterList, CharterVersion } from '../../../../src/enrolment/contract.ts'
import { callApi } from '../../../api/client.ts'
import { isRefusal, problemAt } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { countOf, dayOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { CharterText } from '../../../ui/membership/CharterText.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { useDialog } from '../../approval/useDialog.ts'
import { charterQuery, chartersQuery } from '../queries.ts'
import classes from '../Settings.module.css'

const LENGTH = 20_000

/** Shows the current charter, its earlier versions, and the next one while it is being written. */
export function CharterCard(props: {
  schemeId: string
  mayPublish: boolean
  onDirty: (isDirty: boolean) => void
}) {
  const { t, lang } = useText()
  const { schemeId, onDirty } = props
  const charters = useQuery(chartersQuery(schemeId))
  /** The next version; null: nobody is writing one. */
  const [text, setText] = useState<string | null>(null)
  const [read, setRead] = useState<number | null>(null)
  const [current] = charters.data?.versions ?? []
  const isDirty = text !== null && text !== charters.data?.text
  useEffect(() => onDirty(isDirty), [onDirty, isDirty])
  return (
    <section className={classes.card} aria-labelledby="charte">
      <h3 id="charte" className={classes.cardTitle}>
        {t('settings.charter')}
      </h3>
      {charters.isPending && <Skeleton height={240} />}
      {charters.isError && <Failure error={charters.error} retry={() => void charters.refetch()} />}
      {charters.data !== undefined && current !== undefined && (
        <>
          <p className={classes.mute}>
            {t(current.publishedBy === null ? 'settings.charter.own' : 'settings.charter.inForce', {
              version: current.version,
              day: dayOf(lang, current.publishedAt),
              name: current.publishedBy ?? '',
            })}{' '}
            {t('settings.charter.signed', { count: current.members })}
          </p>
          <ToSign versions={charters.data.versions} />
          {text === null ? (
            <>
              <CharterText
                text={charters.data.text}
                label={t('settings.charter.body', { version: current.version })}
              />
              {props.mayPublish && (
                <div>
                  <Button variant="default" onClick={() => setText(charters.data.text)}>
                    {t('settings.charter.write')}
                  </Button>
                </div>
              )}
            </>
          ) : (
            <Editor
              schemeId={schemeId}
              charters={charters.data}
              current={current}
              text={text}
              onChange={setText}
              onDone={() => setText(null)}
            />
          )}
          {charters.data.versions.length > 1 && (
            <Versions versions={charters.data.versions} onRead={setRead} />
          )}
        </>
      )}
      {read !== null && <Reader schemeId={schemeId} version={read} onClose={() => setRead(null)} />}
    </section>
  )
}

/** Edits the next version, beside a preview of what applicants will read. */
function Editor(props: {
  schemeId: string
  charters: CharterList
  current: CharterVersion
  text: string
  onChange: (text: string) => void
  onDone: () => void
}) {
  const { t } = useText()
  const { schemeId, charters, current, text } = props
  const field = useRef<HTMLTextAreaElement>(null)
  const { dialog, open, close } = useDialog<'publish'>()
  /** The version on which the new one is based: if another was published meanwhile, it must be read first. */
  const [basis, setBasis] = useState(current.version)
  const publish = useAction(
    () => callApi('publishCharter', { params: { scheme: schemeId }, body: { version: basis, text } }),
    {
      fields: ['text'],
      stores: chartersQuery(schemeId).queryKey,
      success: t('settings.charter.published', { version: basis + 1 }),
      refresh: [['public-scheme', schemeId]],
      onSuccess: () => props.onDone(),
      onError: (error) => {
        close()
        if (problemAt(error, 'text') !== undefined) setTimeout(() => field.current?.focus())
      },
      refreshAfterFailure: (error) =>
        isRefusal(error, 'settings_changed') ? [chartersQuery(schemeId).queryKey] : [],
    },
  )
  useEffect(() => field.current?.focus({ preventScroll: true }), [])
  const isSame = text.trim() === charters.text
  const isBehind = current.version !== basis
  return (
    <>
      <div className={classes.editor}>
        <Textarea
          ref={field}
          label={t('settings.charter.text')}
          description={t('settings.charter.text.how')}
          autosize
          minRows={14}
          maxRows={24}
          maxLength={LENGTH}
          lang="fr"
          value={text}
          error={publish.problemAt('text') ?? false}
          onChange={(event) => {
            props.onChange(event.currentTarget.value)
            if (publish.isError) publish.reset()
          }}
        />
        <div>
          <p className={classes.label}>{t('settings.charter.preview')}</p>
          <CharterText text={text.trim()} label={t('settings.charter.preview')} className={classes.preview} />
        </div>
      </div>
      <Failure error={publish.failure} />
      {isBehind && (
        <div className={classes.meanwhile} role="alert">
          <p>{t('settings.charter.behind', { version: current.version, name: current.publishedBy ?? '' })}</p>
          <Button
            variant="default"
            onClick={() => {
              setBasis(current.version)
              publish.reset()
            }}
          >
            {t('settings.charter.behind.go', { version: current.version + 1 })}
          </Button>
        </div>
      )}
      <DialogButtons onBack={props.onDone} back={t('settings.discard')}>
        <Button disabled={isSame || isBehind} onClick={open('publish')}>
          {t('settings.charter.publish', { version: basis + 1 })}
        </Button>
      </DialogButtons>
      {dialog === 'publish' && (
        <Modal
          opened
          transitionProps={{ duration: 0 }}
          onClose={close}
          size={520}
          title={t('settings.charter.publish.title', { version: basis + 1 })}
          closeButtonProps={{ 'aria-label': t('action.close') }}
        >
          <ul className={classes.list}>
            <li>{t('settings.charter.publish.new', { version: basis + 1 })}</li>
            <li>{t('settings.charter.publish.midway')}</li>
            <li>
              {t('settings.charter.publish.signed', {
                count: charters.versions.reduce((sum, { members }) => sum + members, 0),
              })}
            </li>
            <li>{t('settings.charter.publish.kept')}</li>
          </ul>
          <DialogButtons onBack={close} startsOnBack>
            <Button loading={publish.isPending} onClick={() => publish.mutate()}>
              {t('settings.charter.publish', { version: basis + 1 })}
            </Button>
          </DialogButtons>
        </Modal>
      )}
    </>
  )
}

/** Lists every version that was signed, latest first. */
function Versions(props: { versions: readonly CharterVersion[]; onRead: (version: number) => void }) {
  const { t, lang } = useText()
  return (
    <section
      className={classes.versions}
      aria-label={t('settings.charter.versions')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <Table verticalSpacing={6} horizontalSpacing={12}>
        <Table.Caption className={classes.caption ?? ''}>{t('settings.charter.versions')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('settings.charter.version')}</Table.Th>
            <Table.Th scope="col">{t('settings.charter.day')}</Table.Th>
            <Table.Th scope="col">{t('settings.charter.members')}</Table.Th>
            <Table.Th scope="col" className={classes.wide ?? ''}>
              {t('settings.charter.hash')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.versions.map((one) => (
            <Table.Tr key={one.version}>
              <Table.Td>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  className={classes.read ?? ''}
                  aria-label={t('settings.charter.read', { version: one.version })}
                  onClick={() => props.onRead(one.version)}
                >
                  {one.version}
                </Button>
              </Table.Td>
              <Table.Td>
                {dayOf(lang, one.publishedAt)}
                {one.publishedBy !== null && <small className={classes.by}>{one.publishedBy}</small>}
              </Table.Td>
              <Table.Td>{countOf(lang, one.members)}</Table.Td>
              <Table.Td className={classes.wide ?? ''}>
                <code>{one.sha256.slice(0, 12)}</code>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

/** Lists the members who signed an older version: the portal asks them to sign the current one. */
function ToSign(props: { versions: readonly CharterVersion[] }) {
  const { t } = useText()
  const [, ...older] = props.versions
  const count = older.reduce((sum, { members }) => sum + members, 0)
  if (count === 0) return null
  return (
    <p className={classes.mute}>
      {t('settings.charter.toSign', { count })}{' '}
      <Link to="/adherents" search={{ charte: 'older' }}>
        {t('settings.charter.toSign.list')}
      </Link>
    </p>
  )
}

function Reader(props: { schemeId: string; version: number; onClose: () => void }) {
  const { t } = useText()
  const charter = useQuery(charterQuery(props.schemeId, props.version))
  const title = t('settings.charter.read', { version: props.version })
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      size={640}
      title={title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {charter.isPending && <Skeleton height={240} />}
      {charter.isError && <Failure error={charter.error} retry={() => void charter.refetch()} />}
      {charter.data !== undefined && (
        <>
          <CharterText
            text={charter.data.text}
            label={t('settings.charter.body', { version: props.version })}
            className={classes.preview}
          />
          <p className={classes.hash}>SHA-256 {charter.data.sha256}</p>
        </>
      )}
    </Modal>
  )
}
