-- Working tables of one refresh, the same text on both databases. Keys of organisations fit an integer,
-- which SQLite makes its row id.
CREATE TEMP TABLE refresh_scope (scope_id bigint NOT NULL);
CREATE TEMP TABLE refresh_branch (
    organisation_id integer PRIMARY KEY,
    scope_id bigint NOT NULL,
    party_day integer NOT NULL,
    is_active boolean NOT NULL,
    is_branch boolean NOT NULL,
    post_id bigint,
    post_name text NOT NULL
);
CREATE TEMP TABLE refresh_fact (
    organisation_id bigint NOT NULL,
    fact text NOT NULL,
    subject text NOT NULL,
    subject_name text NOT NULL,
    anchor_on date,
    shift integer NOT NULL
);
CREATE TEMP TABLE refresh_condition (
    name text NOT NULL,
    fact text NOT NULL,
    per_person boolean NOT NULL
);
CREATE TEMP TABLE refresh_plan (
    plan_id integer PRIMARY KEY,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    party_day integer,
    anchor_on date,
    shift integer NOT NULL,
    action_id bigint NOT NULL,
    version_id bigint NOT NULL,
    period text NOT NULL,
    suffix text NOT NULL,
    opens_on date NOT NULL,
    due_on date NOT NULL,
    remind_on date NOT NULL,
    calendar_known boolean NOT NULL,
    minutes integer NOT NULL,
    creatable boolean NOT NULL,
    any_kind boolean NOT NULL
);
CREATE INDEX refresh_plan_place ON refresh_plan (scope_id, name, anchor_on);
CREATE TEMP TABLE refresh_reason (
    scope_id bigint NOT NULL,
    action_id bigint NOT NULL,
    reason text NOT NULL,
    settled text NOT NULL,
    opens_from date,
    by_id bigint
);
CREATE INDEX refresh_reason_action ON refresh_reason (action_id, scope_id);
CREATE TEMP TABLE refresh_candidate (
    plan_id integer NOT NULL,
    organisation_id integer NOT NULL,
    subject text NOT NULL,
    subject_name text NOT NULL,
    item_id bigint,
    todo integer NOT NULL
)
