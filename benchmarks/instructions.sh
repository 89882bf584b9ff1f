#!/bin/sh
# The same bytes on every x86-64 with AVX2: a short fit here and on an emulated Haswell (Debian's qemu-user), compared.
#     benchmarks/instructions.sh          # about three minutes
set -eu
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
python=${PYTHON:-.venv/bin/python}
"$python" -m irstd.cli data demo --frames 8 --seed 1 --name few --out "$there/few"
cat > "$there/few.yaml" <<'YAML'
labels: {size: 64}
train: {precision: fp32, instructions: avx2, steps: 4, batch: 2, crop: 48, validate_every: 2, warmup_steps: 1}
YAML
fit() { name=$1; shift; "$@" "$python" -m irstd.training "$there/few" --profile "$there/few.yaml" --out "$there/$name" > "$there/$name.log" 2>&1; }
fit here env
ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_CBWR=COMPATIBLE NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR" \
  fit haswell qemu-x86_64 -cpu Haswell
grep -m1 'model name' /proc/cpuinfo
if cmp "$there/here/bundle/weights.safetensors" "$there/haswell/bundle/weights.safetensors" &&
  cmp "$there/here/curve.csv" "$there/haswell/curve.csv"; then
  echo "the same bytes here and on a Haswell"
else
  echo "other bytes on a Haswell"; exit 1
fi
