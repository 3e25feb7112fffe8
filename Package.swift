// swift-tools-version:6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house. `Tools/check-imports` holds the rule that imports only go downward.
func room(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.target(name: name), "GoldenData"] + dependencies, swiftSettings: settings)
}

/// The files of the page that `serve` shows; they are compiled in.
let pageFiles = [
    "api.js", "app.js", "chart.js", "dom.js", "index.html", "map.js", "openapi.json", "pictures.js", "places.js",
    "pointmap.js", "runs.js", "search.js", "squares.js", "store.js", "style.css",
]

let package = Package(
    name: "finetuner-cache",
    products: [
        .executable(name: "finetuner-cache", targets: ["finetuner-cache"]),
        .library(
            name: "FinetunerCache",
            targets: [
                "Tensors", "ImageInput", "ModelGraph", "Backbones", "FeatureStorage", "MetricLearning", "Retrieval",
                "Pipeline",
            ]),
    ],
    traits: [
        .trait(
            name: "MPI",
            description:
                "train-head on several processes that mpirun starts. Needs an MPI library, such as libopenmpi-dev.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", exact: "0.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    ],
    targets: [
        // Level 0: C libraries of the system, and our C.
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CMPI", pkgConfig: "mpi-c"),
        .target(name: "CKernels"),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "CImageCodecs",
            linkerSettings: ["jpeg", "png16", "webp", "gif"].map { .linkedLibrary($0) }),

        // hnswlib has headers only (apt: libhnswlib-dev).
        .target(name: "CHNSW", dependencies: ["CKernels"]),

        // Level 1
        room("Tensors", ["CKernels", "CLinux", "COneDNN", "COpenBLAS", "CZlib", "COpenSSL"]),

        // Level 2
        room("ImageInput", ["Tensors", "CArchive", "CImageCodecs", "CZip", "SwiftCSV"]),
        room(
            "ModelGraph", ["Tensors", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            // What ONNX/onnx.pb.swift was made from.
            exclude: ["ONNX/onnx.proto"]),
        room("Backbones", ["Tensors", "ModelGraph", "COneDNN"]),
        room(
            "FeatureStorage",
            ["Tensors", "CKernels", "CLZ4", "CSQLite", "CLinux", .product(name: "GRDB", package: "GRDB.swift")]),
        room("MetricLearning", ["Tensors", "CKernels"]),
        room("Retrieval", ["Tensors", "CHNSW"]),
        room("ProcessGroups", ["Tensors", .target(name: "CMPI", condition: .when(traits: ["MPI"]))]),

        // Level 3
        room(
            "Pipeline",
            ["Tensors", "ImageInput", "ModelGraph", "Backbones", "FeatureStorage", "MetricLearning", "Retrieval"]),

        // Level 4
        .target(
            name: "RetrievalServer",
            dependencies: [
                "Tensors", "ImageInput", "FeatureStorage", "MetricLearning", "Retrieval", "Pipeline",
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            resources: pageFiles.map { .embedInCode("Resources/\($0)") }, swiftSettings: settings),

        // Level 5
        .executableTarget(
            name: "finetuner-cache",
            dependencies: [
                "Tensors", "ImageInput", "ModelGraph", "Backbones", "FeatureStorage", "MetricLearning", "Retrieval",
                "Pipeline", "ProcessGroups", "RetrievalServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), "TOMLKit",
            ],
            swiftSettings: settings),

        // Tests mirror Sources.
        .target(name: "GoldenData", dependencies: ["Tensors"], path: "Tests/GoldenData", swiftSettings: settings),
        .target(name: "ThreadGroup", dependencies: ["Tensors"], path: "Tests/ThreadGroup", swiftSettings: settings),
        .target(
            name: "ReferenceNetwork", dependencies: ["Tensors", "ModelGraph"], path: "Tests/ReferenceNetwork",
            swiftSettings: settings),
        .target(name: "PythonPeer", dependencies: ["Tensors"], path: "Tests/PythonPeer", swiftSettings: settings),
        tests(of: "Tensors", ["CKernels", "PythonPeer"]),
        tests(of: "ImageInput", ["PythonPeer"]),
        tests(
            of: "ModelGraph",
            ["ReferenceNetwork", "PythonPeer", .product(name: "SwiftProtobuf", package: "swift-protobuf")]),
        tests(of: "Backbones", ["ReferenceNetwork"]),
        tests(of: "FeatureStorage", [.product(name: "GRDB", package: "GRDB.swift")]),
        tests(of: "MetricLearning", ["ThreadGroup"]),
        tests(of: "Retrieval"),
        tests(of: "Pipeline", ["PythonPeer", "ThreadGroup"]),
        tests(of: "ProcessGroups"),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["finetuner-cache", "Pipeline", "Backbones", "GoldenData", "PythonPeer"],
            // Compiled by the tests that load it into the program; networks that it is given.
            exclude: ["Browser", "Faults/faults.c", "Faults/powercut.c", "Faults/powercut.h", "Networks"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)
