// Imports the package, gets a logger, and prints which settings were read by that.
const read = []
process.env = new Proxy(process.env, {
  get(env, name) {
    if (/LOG|COLOR|TERM/.test(String(name))) read.push(name)
    return env[name]
  },
})
const { getLogger } = await import('@pixsim7/logging')
getLogger('main').isEnabled('INFO')
console.log(`read: ${read.filter((name) => name.includes('LOG')).join()}`)
