# Addresses and secrets of the team's stack, as the tools read them. Sourced by the scripts beside this file, and by a
# person's shell before a command of the project. What the environment names already stays.
#
# A secret is a file of the folder IRSTD_SECRETS (`deploy/secrets FOLDER` makes them). A service that lacks a file does
# without it, so each can be given its own alone.
: "${IRSTD_SECRETS:?name the folder that deploy/secrets has filled}"

_secret() {  # _secret VARIABLE FILE
  if [[ -z ${!1:-} && -r $IRSTD_SECRETS/$2 ]]; then
    printf -v "$1" %s "$(<"$IRSTD_SECRETS/$2")"
    export "${1?}"
  fi
}

export PGHOST=${PGHOST:-127.0.0.1} PGPORT=${PGPORT:-5432} PGUSER=${PGUSER:-irstd}
export PGPASSFILE=${PGPASSFILE:-$IRSTD_SECRETS/pgpass}  # so that no address holds a password

export AWS_ENDPOINT_URL=${AWS_ENDPOINT_URL:-http://127.0.0.1:7070} AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}
export MLFLOW_S3_ENDPOINT_URL=$AWS_ENDPOINT_URL
_secret AWS_ACCESS_KEY_ID s3-access-key
_secret AWS_SECRET_ACCESS_KEY s3-secret-key

export MLFLOW_TRACKING_URI=${MLFLOW_TRACKING_URI:-http://127.0.0.1:5000} MLFLOW_TRACKING_USERNAME=${MLFLOW_TRACKING_USERNAME:-irstd}
_secret MLFLOW_TRACKING_PASSWORD mlflow-password

export PREFECT_API_URL=${PREFECT_API_URL:-http://127.0.0.1:4200/api}
_secret PREFECT_API_AUTH_STRING prefect-auth

export RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH=${RAY_AUTH_TOKEN_PATH:-$IRSTD_SECRETS/ray-token}

export DO_NOT_TRACK=true DVC_NO_ANALYTICS=1 MLFLOW_DISABLE_TELEMETRY=true PREFECT_SERVER_ANALYTICS_ENABLED=false RAY_USAGE_STATS_ENABLED=0
