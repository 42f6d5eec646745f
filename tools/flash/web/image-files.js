/** The files of an interpreter, which the user chooses: each at its offset, with its SHA-256 where that is known. */
import { Failure } from "../protocol/failure.ts";
import { checkSha256 } from "../protocol/images.ts";

const baseName = (path) => path.split("/").at(-1);

/** `list` is filled with an input for each. */
export function createImageFiles(list) {
  let rows = [];

  const say = (row, text, kind = "") => {
    row.check.textContent = text;
    row.check.className = `check ${kind}`;
  };
  const take = async (row, file) => {
    row.data = undefined;
    row.failure = undefined;
    const data = new Uint8Array(await file.arrayBuffer());
    try {
      await checkSha256(file.name, data, row.sha256);
      row.data = data;
      const size = `${file.name}, ${data.length.toLocaleString("en")} bytes`;
      say(row, row.sha256 ? `${size}: its SHA-256 is right` : `${size}; flash.config.json has no SHA-256 to compare`,
        row.sha256 ? "good" : "");
    } catch (error) {
      row.failure = error;
      say(row, error.message, "bad");
    }
  };
  const onChange = async (row, { files }) => {
    if (files.length === 1) return take(row, files[0]);
    await Promise.all([...files].map((file) => {
      const place = rows.find(({ file: name }) => baseName(name) === file.name);
      return place && take(place, file);
    }));
  };
  return {
    show(images) {
      rows = images.map((image, at) => ({ ...image, at, check: document.createElement("p"), data: undefined }));
      list.replaceChildren(...rows.map((row) => {
        const item = document.createElement("li");
        const label = document.createElement("label");
        const input = document.createElement("input");
        Object.assign(input, { type: "file", id: `file-${row.at}`, multiple: true });
        row.check.id = `check-${row.at}`;
        input.setAttribute("aria-describedby", row.check.id);
        row.check.setAttribute("aria-live", "polite");
        label.htmlFor = input.id;
        label.textContent = `${row.file} at ${row.offset}`;
        input.addEventListener("change", () => void onChange(row, input));
        say(row, "not chosen yet");
        item.append(label, input, row.check);
        return item;
      }));
    },
    /** All of them, or a Failure. */
    images: () => rows.map(({ file, offset, data, failure }) => {
      if (failure) throw failure;
      if (!data) throw new Failure("image-missing", { file });
      return { file, offset: Number(offset), data };
    }),
  };
}
