import { listRareCharacters } from '../../../../src/message/fold.ts'
import { PART_UNITS, segmentMessage } from '../../../../src/message/segment.ts'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { timeOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from './Texts.module.css'

/** Shows a text as a phone will, in how many parts, and which letters are replaced or make it dearer. */
export function TextPreview(props: { sender: string; text: string }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { parts, units, encoding, replaced } = segmentMessage(props.text, { fold: true })
  const limits = PART_UNITS[encoding]
  const room = parts.length === 1 ? limits.single : limits.multi * parts.length
  return (
    <div className={classes.preview}>
      <PhonePreview
        label={t('room.preview')}
        sender={props.sender}
        time={timeOf(lang, now)}
        text={parts.join('')}
        empty={t('room.preview.empty')}
      />
      <p className={classes.count} aria-live="polite">
        {t('room.message.count', { units, room, parts: parts.length, encoding })}
      </p>
      {replaced.length > 0 && (
        <p>
          {t('room.message.replaced')}{' '}
          {replaced.map(({ from, to }, index) => (
            <span key={from}>
              {index > 0 && ', '}
              <b>{from === '\n' ? '↵' : from}</b> → <b>{to === '' ? t('room.message.removed') : to}</b>
            </span>
          ))}
        </p>
      )}
      {encoding === 'UCS-2' && (
        <p className={classes.warn}>
          {t('room.message.rare', { characters: listRareCharacters(props.text).join(' ') })}
        </p>
      )}
    </div>
  )
}
