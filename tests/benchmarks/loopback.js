// Loaded into a server before its own code: whatever it opens, it opens on the loopback interface alone.
const net = require('net')
const listen = net.Server.prototype.listen

net.Server.prototype.listen = function (...given) {
  const callback = given.find((each) => typeof each === 'function')
  const options = typeof given[0] === 'object' ? given[0] : { port: Number(given[0]) }
  return listen.call(this, { ...options, host: '127.0.0.1' }, callback)
}
