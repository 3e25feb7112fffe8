// Calls of MPI on all processes, whose communicator and types are macros that Swift does not see. An error ends all processes, as MPI
// does by default.
#ifndef CMPI_SHIM_H
#define CMPI_SHIM_H

#include <mpi.h>

/// Begins; 0 where one thread at a time may make calls.
static inline int ftc_mpi_begin(void) {
    int provided = 0;
    if (MPI_Init_thread(0, 0, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS) return 1;
    return provided >= MPI_THREAD_SERIALIZED ? 0 : 1;
}

static inline int ftc_mpi_rank(void) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

static inline int ftc_mpi_size(void) {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
}

/// How many of the processes share this one's memory.
static inline int ftc_mpi_local_size(void) {
    MPI_Comm local;
    int size = 1;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &local);
    MPI_Comm_size(local, &size);
    MPI_Comm_free(&local);
    return size;
}

static inline void ftc_mpi_sum(float *values, int count) {
    MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

static inline void ftc_mpi_gather(const float *own, int count, float *all, const int *counts, const int *places) {
    MPI_Allgatherv(own, count, MPI_FLOAT, all, counts, places, MPI_FLOAT, MPI_COMM_WORLD);
}

static inline void ftc_mpi_broadcast(void *bytes, int count) { MPI_Bcast(bytes, count, MPI_BYTE, 0, MPI_COMM_WORLD); }

static inline void ftc_mpi_finish(void) { MPI_Finalize(); }

#endif
