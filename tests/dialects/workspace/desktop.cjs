// An agent's desktop on the official JavaScript client 3.1.14, in the order that published clients follow: log in by a GET of
// /me, shake hands, subscribe, start the contact centre session at the first successful connect. Tells what it hears on
// standard output, one JSON object a line; a line on standard input makes it log out and leave.
// node desktop.cjs URL NAME PASSWORD basic|cookie, started in the folder of the installed packages
'use strict';
const installed = (name) => require(require.resolve(name, {paths: [process.cwd()]}));
const lib = installed('cometd3');
installed('cometd-nodejs-client1').adapt();

const [url, name, password, by] = process.argv.slice(2);
const basic = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const tell = (what) => console.log(JSON.stringify(what));

async function main() {
  const login = await fetch(`${url}/api/v2/me/?subresources=*`, {headers: {Authorization: basic}});
  const {user} = await login.json();
  const cookie = login.headers.get('set-cookie').split(';')[0];
  const credentials = by === 'cookie' ? {Cookie: cookie} : {Authorization: basic};
  tell({user: user.userName, device: user.devices[0].phoneNumber});

  const post = async (body) => {
    const headers = {...credentials, 'Content-Type': 'application/json'};
    const answer = await fetch(`${url}/api/v2/me`, {method: 'POST', headers, body: JSON.stringify(body)});
    return answer.json();
  };
  const client = new lib.CometD();
  client.unregisterTransport('websocket');
  client.unregisterTransport('callback-polling');
  client.configure({url: `${url}/api/v2/notifications`, logLevel: 'error', requestHeaders: credentials});
  let started = false;
  client.addListener('/meta/handshake', (reply) => {
    tell({handshake: reply.successful});
    if (reply.successful) {
      client.batch(() => {
        client.subscribe('/v2/me/calls', (message) => tell({event: message}), (reply) => tell({subscribed: reply.successful}));
        client.subscribe('/v2/me/devices', (message) => tell({event: message}));
      });
    }
  });
  client.addListener('/meta/connect', async (reply) => {
    if (reply.successful && !started) {
      started = true;
      tell({started: (await post({operationName: 'StartContactCenterSession', channels: ['voice']})).statusCode});
    }
  });
  client.handshake();
  process.stdin.on('data', () => client.disconnect(async () => {
    tell({ended: (await post({operationName: 'EndContactCenterSession'})).statusCode});
    process.exit(0);
  }));
}
main();
