// swift-tools-version:6.1
import PackageDescription

let package = Package(
    name: "search-benchmark",
    dependencies: [.package(name: "finetuner-cache", path: "../../..")],
    targets: [
        .executableTarget(
            name: "SearchBenchmark",
            dependencies: [.product(name: "FinetunerCache", package: "finetuner-cache")])
    ],
    swiftLanguageModes: [.v6]
)
