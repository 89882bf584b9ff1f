// The frames of what was chosen or dropped: images as they are, of a video some frames as PNG.

const MOST_OF_A_VIDEO = 100;
const A_SECOND = 5;

export async function framesOf(files, tell) {
  const frames = [];
  const sorted = [...files].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  for (const file of sorted) {
    if (file.type.startsWith("video/")) frames.push(...(await framesOfVideo(file, tell)));
    else frames.push(file);
  }
  return frames;
}

async function framesOfVideo(file, tell) {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  video.src = URL.createObjectURL(file);
  try {
    await event(video, "loadeddata");
    const length = Number.isFinite(video.duration) ? video.duration : 0;
    const many = Math.max(1, Math.min(MOST_OF_A_VIDEO, Math.floor(length * A_SECOND)));
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const frames = [];
    for (let index = 0; index < many; index += 1) {
      const seconds = (index * length) / many;
      await seek(video, seconds);
      canvas.getContext("2d").drawImage(video, 0, 0);
      const content = await canvas.convertToBlob({ type: "image/png" });
      frames.push(new File([content], `${file.name} ${seconds.toFixed(2)} s.png`, { type: "image/png" }));
      tell(`${file.name}: frame ${index + 1} of ${many} taken`);
    }
    return frames;
  } catch {
    throw new Error(`${file.name}: this browser cannot play it; send its frames as images`);
  } finally {
    URL.revokeObjectURL(video.src);
  }
}

async function seek(video, seconds) {
  if (Math.abs(video.currentTime - seconds) < 1e-6 && video.readyState >= 2) return;
  const done = event(video, "seeked");
  video.currentTime = seconds;
  await done;
}

function event(video, name) {
  return new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(video.error), { once: true });
  });
}
