-- The databases of the team's stack; the role irstd owns them. Run once, as a role that may create them.
CREATE DATABASE mlflow OWNER irstd;
CREATE DATABASE mlflow_auth OWNER irstd;
CREATE DATABASE prefect OWNER irstd;
