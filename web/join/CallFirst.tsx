import IconPhoneCall from '@tabler/icons-react/icons/IconPhoneCall'
import { useText } from '../ui/format/text.ts'
import classes from './Join.module.css'

/** Reminds first of all to call 17, with one press. */
export function CallFirst() {
  const { t } = useText()
  return (
    <section className={classes.call} aria-labelledby="dix-sept">
      <h2 id="dix-sept">{t('join.call')}</h2>
      <p>{t('join.call.why')}</p>
      <a href="tel:17" className={classes.callNow}>
        <IconPhoneCall size={20} stroke={1.8} aria-hidden />
        {t('portal.call')}
      </a>
    </section>
  )
}
