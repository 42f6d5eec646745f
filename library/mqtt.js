// The entry of `motelet/mqtt`. The sources are TypeScript and shipped as they are; of the program that imports this
// nothing else is compiled.
import "../bin/typescript.js";

const { connect, MqttError } = await import("./node/client.ts");

export { connect, MqttError };
