import { Button, Modal, Skeleton } from '@mantine/core'
import IconArrowDown from '@tabler/icons-react/icons/IconArrowDown'
import IconArrowUp from '@tabler/icons-react/icons/IconArrowUp'
import IconMessage2 from '@tabler/icons-react/icons/IconMessage2'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { CategoryItem } from '../../../../src/schemes/categories/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { SeverityMark } from '../../../ui/format/severity.tsx'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import settings from '../Settings.module.css'
import { CategoryForm } from './CategoryForm.tsx'
import { categoriesQuery } from './queries.ts'
import { ServiceTextCards } from './ServiceTextCards.tsx'
import classes from './Texts.module.css'
import { AREAS, LEVELS, SEVERITIES } from './words.ts'

/** The first ones are chosen by a digit in the alert room. */
const KEYS = 9

/** Lists the categories with their texts: added, changed, ordered, taken out of use and put back. */
export function TextsSection(props: {
  scheme: SchemeView
  mayChange: boolean
  onDirty: (isDirty: boolean) => void
}) {
  const { t } = useText()
  const { scheme, mayChange } = props
  const list = useQuery(categoriesQuery(scheme.id))
  const [opened, setOpened] = useState<CategoryItem | 'new' | null>(null)
  const [asked, setAsked] = useState<CategoryItem | null>(null)
  const order = useAction(
    (codes: string[]) => callApi('orderCategories', { params: { scheme: scheme.id }, body: { codes } }),
    {
      stores: categoriesQuery(scheme.id).queryKey,
      refresh: [schemeQuery(scheme.id).queryKey],
      refreshAfterFailure: [categoriesQuery(scheme.id).queryKey],
    },
  )
  if (list.isLoadingError) return <Failure error={list.error} retry={() => void list.refetch()} />
  if (list.data === undefined) return <Skeleton height={320} />
  const { categories, example } = list.data
  const inUse = categories.filter(({ active }) => active)
  const others = categories.filter(({ active }) => !active)
  const move = (from: number, to: number) => {
    const codes = inUse.map(({ code }) => code)
    const [moved] = codes.splice(from, 1)
    if (moved !== undefined) codes.splice(to, 0, moved)
    order.mutate(codes)
  }
  const row = (category: CategoryItem, index: number | null) => (
    <Row
      key={category.code}
      category={category}
      index={index}
      count={inUse.length}
      mayChange={mayChange}
      isMoving={order.isPending}
      onMove={move}
      onOpen={() => setOpened(category)}
      onUse={() => setAsked(category)}
    />
  )
  return (
    <>
      <section className={settings.card} aria-labelledby="categories">
        <h3 id="categories" className={settings.cardTitle}>
          {t('texts.inUse')}
        </h3>
        {inUse.length === 0 ? (
          <Empty icon={<IconMessage2 size={36} stroke={1.4} aria-hidden />} title={t('texts.none')}>
            <p>{t('texts.none.hint')}</p>
          </Empty>
        ) : (
          <ol className={classes.list}>{inUse.map((category, index) => row(category, index))}</ol>
        )}
        <Failure error={order.failure} />
        {mayChange && (
          <div className={settings.actions}>
            <Button onClick={() => setOpened('new')}>{t('texts.add')}</Button>
          </div>
        )}
      </section>
      {others.length > 0 && (
        <section className={settings.card} aria-labelledby="categories-retirees">
          <h3 id="categories-retirees" className={settings.cardTitle}>
            {t('texts.others')}
          </h3>
          <p className={settings.mute}>{t('texts.others.what')}</p>
          <ul className={classes.list}>{others.map((category) => row(category, null))}</ul>
        </section>
      )}
      {mayChange && <ServiceTextCards scheme={scheme} onDirty={props.onDirty} />}
      {opened !== null && (
        <CategoryForm
          scheme={scheme}
          example={example}
          category={opened === 'new' ? null : opened}
          onClose={() => setOpened(null)}
        />
      )}
      {asked !== null && <UseForm scheme={scheme} category={asked} onClose={() => setAsked(null)} />}
    </>
  )
}

function Row(props: {
  category: CategoryItem
  /** Place of the category among those in use; null: it is not in use. */
  index: number | null
  count: number
  mayChange: boolean
  isMoving: boolean
  onMove: (from: number, to: number) => void
  onOpen: () => void
  onUse: () => void
}) {
  const { t, lang } = useText()
  const { category, index, count, onMove } = props
  const name = labelOf(lang, category)
  return (
    <li>
      {index !== null && index < KEYS ? (
        <span className={classes.key} title={t('texts.key', { key: index + 1 })}>
          {index + 1}
        </span>
      ) : (
        <span />
      )}
      <div className={classes.about}>
        <h4>
          <SeverityMark severity={category.severity} /> {name}
        </h4>
        <p className={classes.mute}>
          {[
            t(SEVERITIES[category.severity]),
            t(LEVELS[category.level]),
            t(AREAS[category.area ?? 'commune']),
          ].join(' · ')}
        </p>
        <p className={classes.text} lang="fr">
          {category.template}
        </p>
      </div>
      {props.mayChange && (
        <div className={classes.acts}>
          {index !== null && (
            <>
              <Button
                variant="default"
                aria-label={t('texts.up', { name })}
                disabled={index === 0 || props.isMoving}
                onClick={() => onMove(index, index - 1)}
              >
                <IconArrowUp size={16} aria-hidden />
              </Button>
              <Button
                variant="default"
                aria-label={t('texts.down', { name })}
                disabled={index === count - 1 || props.isMoving}
                onClick={() => onMove(index, index + 1)}
              >
                <IconArrowDown size={16} aria-hidden />
              </Button>
              <Button variant="default" aria-label={t('texts.change.label', { name })} onClick={props.onOpen}>
                {t('texts.change.do')}
              </Button>
            </>
          )}
          <Button
            variant="default"
            aria-label={t(index === null ? 'texts.restore.label' : 'texts.remove.label', { name })}
            onClick={props.onUse}
          >
            {t(index === null ? 'texts.restore' : 'texts.remove')}
          </Button>
        </div>
      )}
    </li>
  )
}

/** Takes a category out of use, or puts it back: by two persons. */
function UseForm(props: { scheme: SchemeView; category: CategoryItem; onClose: () => void }) {
  const { t, lang } = useText()
  const { scheme, category, onClose } = props
  const [reason, setReason] = useState('')
  const removes = category.active
  const save = useAction(
    () =>
      callApi('changeCategory', {
        params: { scheme: scheme.id, code: category.code },
        body: { active: !removes, version: category.version, reason },
      }),
    {
      fields: ['reason'],
      refresh: [
        categoriesQuery(scheme.id).queryKey,
        schemeQuery(scheme.id).queryKey,
        settingChangesQuery(scheme.id).queryKey,
      ],
      refreshAfterFailure: [categoriesQuery(scheme.id).queryKey],
      success: ({ proposed }) => t(proposed === null ? 'texts.saved' : 'settingChange.proposed'),
      onSuccess: onClose,
    },
  )
  const name = labelOf(lang, category)
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={480}
      title={t(removes ? 'texts.remove.label' : 'texts.restore.label', { name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          if (!save.isPending) save.mutate()
        }}
      >
        <p>{t(removes ? 'texts.remove.what' : 'texts.restore.what')}</p>
        <SecondPerson
          subject="categories"
          settings={[removes ? 'categories.remove' : 'categories.restore']}
          reason={reason}
          onReason={setReason}
          error={save.problemAt('reason')}
        />
        <Failure error={save.failure} />
        <DialogButtons onBack={onClose} back={t('action.cancel')}>
          <Button type="submit" loading={save.isPending}>
            {t('settingChange.propose')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
