import { Modal } from '@mantine/core'
import { useLocation } from '@tanstack/react-router'
import { useText } from '../../ui/format/text.ts'
import { COMMON, keysOf, type ScreenKey } from './keys.ts'
import classes from './Palette.module.css'

/** The keys of the current screen, and those of every screen. */
export function KeysDialog(props: { onClose: () => void }) {
  const { t } = useText()
  const path = useLocation({ select: (location) => location.pathname })
  const own = keysOf(path)
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      size={560}
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <div className={classes.keyLists}>
        {own.length > 0 && <Keys title={t('keys.here')} keys={own} />}
        <Keys title={t('keys.everywhere')} keys={COMMON} />
      </div>
    </Modal>
  )
}

function Keys(props: { title: string; keys: readonly ScreenKey[] }) {
  const { t } = useText()
  return (
    <section>
      <h3>{props.title}</h3>
      <dl className={classes.keys}>
        {props.keys.map(({ keys, what }) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{t(key)}</kbd>
              ))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
