import { Menu, UnstyledButton } from '@mantine/core'
import type { CallNote } from '../../../../../src/reports/contract.ts'
import type { SchemeView } from '../../../../../src/schemes/contract.ts'
import { callApi } from '../../../../api/client.ts'
import { callNotesQuery } from '../../../../api/queries.ts'
import { useAction } from '../../../../api/useAction.ts'
import { timeOf } from '../../../../ui/format/format.ts'
import { labelOf, useText } from '../../../../ui/format/text.ts'
import type { Draft } from '../../text/draft.ts'
import classes from './Lists.module.css'

/**
 * Shows the calls that were being entered elsewhere, in one line apart from the calls that wait: each can be continued
 * or deleted, or all be deleted.
 */
export function CallDrafts(props: {
  scheme: SchemeView
  notes: readonly CallNote[]
  onResume: (note: CallNote) => void
}) {
  const { t, lang } = useText()
  const { scheme, notes } = props
  const erase = useAction(
    (ids: readonly string[]) =>
      Promise.all(ids.map((id) => callApi('deleteCallNote', { params: { scheme: scheme.id, id } }))),
    { refresh: [callNotesQuery(scheme.id).queryKey] },
  )
  return (
    // No heading: a line of the list of calls.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div className={classes.drafts} role="group" aria-label={t('drafts.label')}>
      <span>{t('drafts.count', { count: notes.length })}</span>
      <Menu position="bottom-start" width={280}>
        <Menu.Target>
          <UnstyledButton className={classes.act}>{t('drafts.resume')}</UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {notes.map((note) => (
            <Menu.Item key={note.id} onClick={() => props.onResume(note)}>
              {titleOf(note)}
              <small className={classes.draft}>
                {[
                  ...detailsOf(note),
                  t('drafts.savedAt', { time: timeOf(lang, Date.parse(note.savedAt)) }),
                ].join(' · ')}
              </small>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <UnstyledButton className={classes.act} disabled={erase.isPending}>
            {t('drafts.erase')}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {notes.length > 1 && (
            <>
              {notes.map((note) => (
                <Menu.Item key={note.id} color="red" onClick={() => erase.mutate([note.id])}>
                  {t('drafts.erase.one', { title: titleOf(note) })}
                  <small className={classes.draft}>{detailsOf(note).join(' · ')}</small>
                </Menu.Item>
              ))}
              <Menu.Divider />
            </>
          )}
          <Menu.Item color="red" onClick={() => erase.mutate(notes.map(({ id }) => id))}>
            {t('drafts.erase.all', { count: notes.length })}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  )

  function titleOf(note: CallNote): string {
    const { categoryCode } = draftIn(note)
    const category = scheme.categories.find(({ code }) => code === categoryCode)
    return category === undefined ? t('room.newCall.untitled') : labelOf(lang, category)
  }
}

/** Returns what was entered of a call; another version of the console may have saved less of it. */
function draftIn({ content }: CallNote): Partial<Draft> {
  return content as Partial<Draft>
}

/** Distinguishes two calls of one category and commune: by place, caller or first words. */
function detailsOf(note: CallNote): string[] {
  const { commune, place, caller, facts, text } = draftIn(note)
  const words = (facts || text || '').slice(0, 40)
  return [commune?.name, place || caller?.text || words].filter((one): one is string => Boolean(one))
}
