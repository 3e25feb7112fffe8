# A Slurm of one node on the loopback, without systemd: munged, slurmctld and slurmd with all of their files in one folder.
# shellcheck shell=bash

# Why Slurm cannot run on this machine; empty where it can.
slurm_obstacle() {
    local program missing=()
    for program in munged slurmctld slurmd sbatch scontrol; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    [ ${#missing[@]} -eq 0 ] || echo "${missing[*]} missing; on Debian: apt-get install --no-install-recommends slurm-wlm munge"
}

# Starts the node with its files in the folder $1. Returns 1, with the reason in SLURM_FAILURE, where it does not come up.
start_slurm() {
    SLURM_FOLDER=$1 SLURM_PROCESSES=() SLURM_FAILURE=""
    mkdir -p "$SLURM_FOLDER"/{munge,state,spool}
    chmod 700 "$SLURM_FOLDER/munge"
    start_munge && write_configuration && start_daemons
}

start_munge() {
    local folder="$SLURM_FOLDER/munge"
    (umask 077 && head -c 1024 /dev/urandom >"$folder/key")
    # --force: the folder for temporary files, above, can be written to by everybody, and munged minds.
    munged --force --foreground --key-file="$folder/key" --socket="$folder/socket" --pid-file="$folder/pid" \
        --log-file="$folder/log" --seed-file="$folder/seed" >"$folder/messages" 2>&1 &
    SLURM_PROCESSES+=($!)
    wait_until 10 test -S "$folder/socket" || slurm_failed "munged did not start" "$folder/messages"
}

write_configuration() {
    local host user controller_port node_port
    host=$(hostname -s) user=$(id -un)
    read -r controller_port node_port < <(free_ports)
    export SLURM_CONF="$SLURM_FOLDER/slurm.conf"
    # A job that queues again waits until its old credential is out of date, by default for two minutes.
    local credential_seconds=5
    cat >"$SLURM_CONF" <<TEXT
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller_port
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$SLURM_FOLDER/munge/socket,cred_expire=$credential_seconds
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=2
KillWait=20
StateSaveLocation=$SLURM_FOLDER/state
SlurmdSpoolDir=$SLURM_FOLDER/spool
SlurmctldPidFile=$SLURM_FOLDER/slurmctld.pid
SlurmdPidFile=$SLURM_FOLDER/slurmd.pid
SlurmctldLogFile=$SLURM_FOLDER/slurmctld.log
SlurmdLogFile=$SLURM_FOLDER/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 Port=$node_port CPUs=$(nproc) RealMemory=1 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
TEXT
}

# Two ports of the loopback that nobody listens on.
free_ports() {
    python3 -c '
import socket
ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(port.getsockname()[1] for port in ports))'
}

start_daemons() {
    slurmctld -D -c >"$SLURM_FOLDER/slurmctld.messages" 2>&1 &
    SLURM_PROCESSES+=($!)
    wait_until 20 scontrol ping || { slurm_failed "slurmctld did not start" "$SLURM_FOLDER/slurmctld.messages"; return 1; }
    slurmd -D >"$SLURM_FOLDER/slurmd.messages" 2>&1 &
    SLURM_PROCESSES+=($!)
    wait_until 20 node_is_idle || slurm_failed "slurmd did not start" "$SLURM_FOLDER/slurmd.messages"
}

node_is_idle() { [ "$(sinfo --noheader --format=%t)" = idle ]; }

slurm_failed() {
    # shellcheck disable=SC2034  # for who started it
    SLURM_FAILURE="$1: $(tail -n 3 "$2" | tr '\n' ' ')"
    return 1
}

# Tries a command every fifth of a second, for $1 seconds.
wait_until() {
    local tries=$(($1 * 5))
    shift
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || return 1
        sleep 0.2
    done
}

# Ends all jobs, then what was started here, the last first. Can be called at any moment, and twice.
stop_slurm() {
    [ -n "${SLURM_FOLDER:-}" ] || return 0
    local index
    if [ "${#SLURM_PROCESSES[@]}" -gt 2 ]; then
        scancel --quiet --user="$(id -un)" 2>/dev/null || true
        wait_until 30 no_jobs || true
    fi
    for ((index = ${#SLURM_PROCESSES[@]} - 1; index >= 0; index--)); do
        kill "${SLURM_PROCESSES[index]}" 2>/dev/null || true
        wait "${SLURM_PROCESSES[index]}" 2>/dev/null || true
    done
    SLURM_PROCESSES=()
}

no_jobs() { [ -z "$(squeue --noheader)" ]; }
