// The entry of `motelet/mqtt`. The sources are TypeScript and shipped as they are; they are compiled apart from the
// program that imports this, whose own imports stay as they are.
import { tsImport } from "tsx/esm/api";

const { connect, MqttError } = await tsImport("./node/client.ts", import.meta.url);

export { connect, MqttError };
