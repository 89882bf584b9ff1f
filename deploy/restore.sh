#!/usr/bin/env bash
# `deploy/restore.sh FOLDER`: put back what deploy/backup.sh has stored. Stop MLflow and Prefect before; PostgreSQL and
# the S3 store run. The databases become those of the backup; objects that the buckets have besides stay.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/environment.sh"
folder=${1:?usage: deploy/restore.sh FOLDER}
for database in mlflow mlflow_auth prefect; do
  [[ -r $folder/$database.dump ]] || { echo "$folder: has no $database.dump; is it of deploy/backup.sh?" >&2; exit 1; }
done
"${IRSTD_PYTHON:-python}" "$here/buckets.py" load "$folder/buckets"
for database in mlflow mlflow_auth prefect; do
  dropdb --if-exists --force "$database"
  createdb "$database"
  pg_restore --exit-on-error --no-owner --dbname="$database" "$folder/$database.dump"
done
