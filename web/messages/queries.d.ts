// The parts into which the build cuts the message files (parts.ts).
declare module '*.json?room' {
  const texts: Record<string, string>
  export default texts
}
declare module '*.json?public' {
  const texts: Record<string, string>
  export default texts
}
declare module '*.json?portal' {
  const texts: Record<string, string>
  export default texts
}
declare module '*.json?links' {
  const texts: Record<string, string>
  export default texts
}
declare module '*.json?breakGlass' {
  const texts: Record<string, string>
  export default texts
}
declare module '*.json?notices' {
  const texts: Record<string, string>
  export default texts
}
declare module '*.json?rest' {
  const texts: Record<string, string>
  export default texts
}
