#!/usr/bin/env bash
# `deploy/backup.sh FOLDER`: the databases and the buckets, into a new folder. Services go on meanwhile.
set -euo pipefail
umask 077
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/environment.sh"
folder=${1:?usage: deploy/backup.sh FOLDER}
[[ ! -e $folder ]] || { echo "$folder: is there already; give a new one" >&2; exit 1; }
rm -rf "$folder.unfinished"
mkdir -p "$folder.unfinished"
# Databases first: files are written before the rows that name them, so the later copy has all that the rows name.
for database in mlflow mlflow_auth prefect; do
  pg_dump --format=custom --file="$folder.unfinished/$database.dump" "$database"
done
"${IRSTD_PYTHON:-python}" "$here/buckets.py" save "$folder.unfinished/buckets"
mv "$folder.unfinished" "$folder"
