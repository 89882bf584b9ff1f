#!/usr/bin/env bash
# Make the bundle that is shipped inside the wheel: three public sets, joined, over this project's own road, in a clone of
# what is committed, var/pretrained-PROFILE. A run that was stopped goes on. A fit takes about 94 minutes of one core with
# bf16 that other work shares.
#
#   pipelines/pretrained.sh FOLDER [PROFILE]     FOLDER holds open-sirst-v1, nudt-sirst and drone-ir (data/README.md says
#                                                whence); PROFILE: spire-plus (new weights, the default) or
#                                                spire-plus-on (goes on from the bundle that is shipped)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
sets=$(realpath "${1:?give the folder of open-sirst-v1, nudt-sirst and drone-ir}")
profile=${2:-spire-plus}
clone=$root/var/pretrained-$profile
export IRSTD_PYTHON=${IRSTD_PYTHON:-$root/.venv/bin/python} PYTHONPATH=$clone
[ -d "$clone" ] || git clone --quiet "$root" "$clone"
cd "$clone"

ingest() { [ -d "data/raw/$1" ] || "$IRSTD_PYTHON" -m pipelines.ingest "$sets/$2" --name "$1" "${@:3}"; }
ingest v1 open-sirst-v1 --lists v1
ingest nudt nudt-sirst
ingest drone drone-ir --seed 6  # the first seed whose test clips show all four kinds of target
[ -d data/raw/joint ] || "$IRSTD_PYTHON" -m irstd.cli data join joint v1 nudt drone
[ -f data/raw/joint.dvc ] || "$IRSTD_PYTHON" -m dvc add --quiet data/raw/joint

PROFILE=$profile "$IRSTD_PYTHON" - << 'EOF'
import os, pathlib, yaml
path = pathlib.Path("params.yaml")
settings = yaml.safe_load(path.read_text())
settings.update(dataset="joint", profile=os.environ["PROFILE"], variants={"spire-plus": {}})
path.write_text(yaml.safe_dump(settings, sort_keys=False))
EOF
"$IRSTD_PYTHON" -m pipelines.reproduce --promote

fitted=outputs/joint/bundles/spire-plus
new=$root/irstd/pretrained.new  # the old bundle stays until the new one is complete
rm -rf irstd/pretrained "$new"
mkdir irstd/pretrained
cp "$fitted"/{bundle.json,weights.safetensors} irstd/pretrained/
"$IRSTD_PYTHON" -m irstd.cli models show pretrained --out irstd/pretrained/card.md
cp -r irstd/pretrained "$new"
rm -rf "$root/irstd/pretrained"
mv "$new" "$root/irstd/pretrained"
