import { make, uniqueId } from "./dom.js";
import { drawText, plainOf } from "./text.js";

/** Whether the person says yes to what `question`, a confirm object, asks. */
export function confirmed(question, context) {
  const dialog = drawDialog(question, context);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    });
  });
}

function drawDialog(question, context) {
  const [title, text] = [uniqueId(), uniqueId()];
  const dialog = make("dialog", { class: "confirm", "aria-labelledby": title, "aria-describedby": text });
  const style = question.style === "danger" ? "button-danger" : "button-primary";
  dialog.append(
    make("h2", { id: title }, plainOf(question.title)),
    make("div", { id: text, class: "confirm-text" }, drawText(question.text, context)),
    make(
      "div",
      { class: "confirm-buttons" },
      closing(dialog, "no", "", plainOf(question.deny) || context.t("cancel")),
      closing(dialog, "yes", style, plainOf(question.confirm) || context.t("ok")),
    ),
  );
  return dialog;
}

function closing(dialog, answer, style, text) {
  const button = make("button", { type: "button", class: `button ${style}`, autofocus: answer === "yes" }, text);
  button.addEventListener("click", () => dialog.close(answer));
  return button;
}
