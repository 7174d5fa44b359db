// Before the first paint, so that a dark console never flashes white. A file, since the page allows no inline script.
{
  let kept = null
  try {
    kept = localStorage.getItem('tocsin.scheme')
  } catch {
    // Storage refused by the browser: the system decides.
  }
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
}
