// The npm package all-debrid-api against the simulator: node alldebrid.js URL
//
// The world is the one that tests/sim/tests/public_clients.rs builds. Exits with 1 at the first disagreement.
'use strict'

const assert = require('node:assert')
const Client = require('all-debrid-api')

const options = () => ({ base_url: process.argv[2], timeout: 5000 })
const client = new Client('PUBLICCLIENTSKEY0001', options())
const message = async (call) => (await call).data.message
const magnet = async (id) => (await client.magnet.status(id)).data.magnets

// What the package throws: the error of the envelope as it is, or an Error that names the HTTP status.
const refused = async (call, expected) => {
  const error = await call.then(() => assert.fail(`expected ${expected}, and it worked`), (error) => error)
  assert.ok((error.code ?? error.message).includes(expected), `expected ${expected}, got ${JSON.stringify(error)} ${error}`)
}

async function main () {
  const { user } = (await client.user.info()).data
  assert.strictEqual(user.isPremium, true)
  assert.strictEqual(user.username, 'public')
  await refused(new Client('WRONG', options()).user.info(), 'AUTH_BAD_APIKEY')

  const listed = (await client.magnet.status()).data.magnets
  assert.deepStrictEqual(listed.map((one) => [one.id, one.statusCode]), [[1, 4], [2, 1], [3, 15], [4, 11], [5, 7]])
  const ready = await magnet(1)
  assert.strictEqual(ready.filename, 'Ready.Thing')
  assert.strictEqual(ready.size, 5e12)
  assert.strictEqual(ready.files[0].e[0].s, 5e12)
  assert.strictEqual(ready.downloaded, undefined)
  const active = await magnet(2)
  assert.strictEqual(typeof active.downloaded, 'number')
  assert.strictEqual(active.status, 'Downloading')
  await refused(client.magnet.status(99), 'MAGNET_INVALID_ID')

  const files = (await client.magnet.files(1)).data.magnets
  assert.strictEqual(files[0].id, '1')
  assert.ok(files[0].files[0].e[0].l.startsWith('https://'))

  assert.strictEqual(await message(client.magnet.restart(3)), 'Magnet was successfully restarted')
  assert.strictEqual((await magnet(3)).statusCode, 0)
  await refused(client.magnet.restart(3), 'MAGNET_PROCESSING')
  await refused(client.magnet.restart(1), 'MAGNET_PROCESSING')
  await refused(client.magnet.restart(99), 'MAGNET_INVALID_ID')

  const { hash } = await magnet(4)
  assert.strictEqual(await message(client.magnet.delete(4)), 'Magnet was successfully deleted')
  await refused(client.magnet.delete(4), 'MAGNET_INVALID_ID')
  const [uploaded] = (await client.magnet.upload(hash)).data.magnets
  assert.deepStrictEqual([uploaded.id, uploaded.name, uploaded.ready], [6, 'Expired.Thing', true])
  const [invalid] = (await client.magnet.upload('nonsense')).data.magnets
  assert.strictEqual(invalid.error.code, 'MAGNET_INVALID_URI')

  await refused(client.link.streaming('x', 'y'), '404')
  await refused(client.hosts.domains(), 'Request failed (503)')
  await refused(client.hosts.regexp(), 'Invalid response (200)')
  await refused(client.hosts.priority(), 'fetch failed')
  console.log('all-debrid-api agrees')
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
