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
    shift integer NOT NULL,
    note text NOT NULL
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
    settles text NOT NULL,
    repeated boolean NOT NULL,
    opens_from date,
    by_id bigint
);
CREATE INDEX refresh_reason_action ON refresh_reason (action_id, scope_id);
CREATE TEMP TABLE refresh_candidate (
    plan_id integer NOT NULL,
    organisation_id integer NOT NULL,
    subject text NOT NULL,
    subject_name text NOT NULL,
    note text NOT NULL,
    item_id bigint,
    todo integer NOT NULL
);
CREATE TEMP TABLE refresh_waiting (
    item_id bigint NOT NULL,
    organisation_id integer NOT NULL,
    action_id bigint NOT NULL,
    opens_on date NOT NULL,
    settles text NOT NULL,
    is_gone boolean NOT NULL,
    subject_kind text NOT NULL,
    subject_id bigint,
    member_id bigint,
    floor_on date,
    has_left boolean NOT NULL
);
CREATE TEMP TABLE refresh_settling (
    settles text NOT NULL,
    source text NOT NULL,
    code text NOT NULL,
    words text NOT NULL
);
CREATE TEMP TABLE refresh_settled (
    item_id bigint NOT NULL,
    settled_by text NOT NULL,
    done_on date NOT NULL,
    entered_at timestamp with time zone,
    by_id bigint,
    reason text NOT NULL
);
CREATE TEMP TABLE refresh_touched (
    organisation_id integer NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL
)
