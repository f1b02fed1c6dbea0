// SPDX-License-Identifier: Apache-2.0
package pyfops.afcl;

/** The rows as beans, mapped by jdbi: a column without a property is passed over, a property without a column stays. */
public final class Rows {
    private Rows() {}

    /** A row of functiondeployment. As in the engine, no column maps to the property "deployed". */
    public static class FunctionDeployment {
        private long id;
        private String name;
        private Long functionImplementation_id;
        private String KMS_Arn;
        private Integer regionID;
        private String description;
        private String handlerName;
        private String input;
        private boolean deployed;
        private Integer memorySize;
        private Integer timeout;
        private Double avgRTT;
        private Double avgRuntime;
        private Double avgCost;
        private Double successRate;
        private Double computationalSpeed;
        private Double memorySpeed;
        private Double ioSpeed;
        private Double speedup;
        private Integer avgLoopCounter;
        private Integer invocations;
        private Double avgDeploymentTime;
        private Double estDeploymentTime;
        private Double RTTModel;
        private Double ETModel;

        public long getId() { return id; }
        public void setId(long value) { id = value; }
        public String getName() { return name; }
        public void setName(String value) { name = value; }
        public Long getFunctionImplementation_id() { return functionImplementation_id; }
        public void setFunctionImplementation_id(Long value) { functionImplementation_id = value; }
        public String getKMS_Arn() { return KMS_Arn; }
        public void setKMS_Arn(String value) { KMS_Arn = value; }
        public Integer getRegionID() { return regionID; }
        public void setRegionID(Integer value) { regionID = value; }
        public String getDescription() { return description; }
        public void setDescription(String value) { description = value; }
        public String getHandlerName() { return handlerName; }
        public void setHandlerName(String value) { handlerName = value; }
        public String getInput() { return input; }
        public void setInput(String value) { input = value; }
        public boolean isDeployed() { return deployed; }
        public void setDeployed(boolean value) { deployed = value; }
        public Integer getMemorySize() { return memorySize; }
        public void setMemorySize(Integer value) { memorySize = value; }
        public Integer getTimeout() { return timeout; }
        public void setTimeout(Integer value) { timeout = value; }
        public Double getAvgRTT() { return avgRTT; }
        public void setAvgRTT(Double value) { avgRTT = value; }
        public Double getAvgRuntime() { return avgRuntime; }
        public void setAvgRuntime(Double value) { avgRuntime = value; }
        public Double getAvgCost() { return avgCost; }
        public void setAvgCost(Double value) { avgCost = value; }
        public Double getSuccessRate() { return successRate; }
        public void setSuccessRate(Double value) { successRate = value; }
        public Double getComputationalSpeed() { return computationalSpeed; }
        public void setComputationalSpeed(Double value) { computationalSpeed = value; }
        public Double getMemorySpeed() { return memorySpeed; }
        public void setMemorySpeed(Double value) { memorySpeed = value; }
        public Double getIoSpeed() { return ioSpeed; }
        public void setIoSpeed(Double value) { ioSpeed = value; }
        public Double getSpeedup() { return speedup; }
        public void setSpeedup(Double value) { speedup = value; }
        public Integer getAvgLoopCounter() { return avgLoopCounter; }
        public void setAvgLoopCounter(Integer value) { avgLoopCounter = value; }
        public Integer getInvocations() { return invocations; }
        public void setInvocations(Integer value) { invocations = value; }
        public Double getAvgDeploymentTime() { return avgDeploymentTime; }
        public void setAvgDeploymentTime(Double value) { avgDeploymentTime = value; }
        public Double getEstDeploymentTime() { return estDeploymentTime; }
        public void setEstDeploymentTime(Double value) { estDeploymentTime = value; }
        public Double getRTTModel() { return RTTModel; }
        public void setRTTModel(Double value) { RTTModel = value; }
        public Double getETModel() { return ETModel; }
        public void setETModel(Double value) { ETModel = value; }
    }

    /** A row of functionimplementation. */
    public static class FunctionImplementation {
        private long id;
        private String name;
        private Long functionType_id;
        private String algorithm;
        private String implementationFilePath;
        private Integer provider;
        private Long language_id;
        private Double avgRTT;
        private Double avgCost;
        private Double successRate;
        private Double computationWork;
        private Double memoryWork;
        private Double ioWork;
        private Integer invocations;
        private Integer packageSize;

        public long getId() { return id; }
        public void setId(long value) { id = value; }
        public String getName() { return name; }
        public void setName(String value) { name = value; }
        public Long getFunctionType_id() { return functionType_id; }
        public void setFunctionType_id(Long value) { functionType_id = value; }
        public String getAlgorithm() { return algorithm; }
        public void setAlgorithm(String value) { algorithm = value; }
        public String getImplementationFilePath() { return implementationFilePath; }
        public void setImplementationFilePath(String value) { implementationFilePath = value; }
        public Integer getProvider() { return provider; }
        public void setProvider(Integer value) { provider = value; }
        public Long getLanguage_id() { return language_id; }
        public void setLanguage_id(Long value) { language_id = value; }
        public Double getAvgRTT() { return avgRTT; }
        public void setAvgRTT(Double value) { avgRTT = value; }
        public Double getAvgCost() { return avgCost; }
        public void setAvgCost(Double value) { avgCost = value; }
        public Double getSuccessRate() { return successRate; }
        public void setSuccessRate(Double value) { successRate = value; }
        public Double getComputationWork() { return computationWork; }
        public void setComputationWork(Double value) { computationWork = value; }
        public Double getMemoryWork() { return memoryWork; }
        public void setMemoryWork(Double value) { memoryWork = value; }
        public Double getIoWork() { return ioWork; }
        public void setIoWork(Double value) { ioWork = value; }
        public Integer getInvocations() { return invocations; }
        public void setInvocations(Integer value) { invocations = value; }
        public Integer getPackageSize() { return packageSize; }
        public void setPackageSize(Integer value) { packageSize = value; }
    }

    /** A row of functiontype. */
    public static class FunctionType {
        private long id;
        private String name;
        private String type;
        private Double avgRTT;
        private Double avgCost;
        private Double successRate;
        private Integer invocations;

        public long getId() { return id; }
        public void setId(long value) { id = value; }
        public String getName() { return name; }
        public void setName(String value) { name = value; }
        public String getType() { return type; }
        public void setType(String value) { type = value; }
        public Double getAvgRTT() { return avgRTT; }
        public void setAvgRTT(Double value) { avgRTT = value; }
        public Double getAvgCost() { return avgCost; }
        public void setAvgCost(Double value) { avgCost = value; }
        public Double getSuccessRate() { return successRate; }
        public void setSuccessRate(Double value) { successRate = value; }
        public Integer getInvocations() { return invocations; }
        public void setInvocations(Integer value) { invocations = value; }
    }

    /** A row of provider. */
    public static class ProviderRow {
        private int id;
        private String name;
        private Double invocationCost;
        private Double durationGBpsCost;
        private Double durationGHzpsCost;
        private Integer unitTimems;
        private Integer maxConcurrency;
        private Integer maxThroughput;
        private Integer maxDurationSec;
        private Integer maxDataInputMB;
        private Integer maxDataOutputMB;
        private Double concurrencyOverheadms;
        private Integer faasSystemOverheadms;
        private Integer cryptoOverheadms;
        private Integer sessionOverheadms;
        private Integer deploymentOverheadms;
        private Integer roundTrips;
        private Integer r;

        public int getId() { return id; }
        public void setId(int value) { id = value; }
        public String getName() { return name; }
        public void setName(String value) { name = value; }
        public Double getInvocationCost() { return invocationCost; }
        public void setInvocationCost(Double value) { invocationCost = value; }
        public Double getDurationGBpsCost() { return durationGBpsCost; }
        public void setDurationGBpsCost(Double value) { durationGBpsCost = value; }
        public Double getDurationGHzpsCost() { return durationGHzpsCost; }
        public void setDurationGHzpsCost(Double value) { durationGHzpsCost = value; }
        public Integer getUnitTimems() { return unitTimems; }
        public void setUnitTimems(Integer value) { unitTimems = value; }
        public Integer getMaxConcurrency() { return maxConcurrency; }
        public void setMaxConcurrency(Integer value) { maxConcurrency = value; }
        public Integer getMaxThroughput() { return maxThroughput; }
        public void setMaxThroughput(Integer value) { maxThroughput = value; }
        public Integer getMaxDurationSec() { return maxDurationSec; }
        public void setMaxDurationSec(Integer value) { maxDurationSec = value; }
        public Integer getMaxDataInputMB() { return maxDataInputMB; }
        public void setMaxDataInputMB(Integer value) { maxDataInputMB = value; }
        public Integer getMaxDataOutputMB() { return maxDataOutputMB; }
        public void setMaxDataOutputMB(Integer value) { maxDataOutputMB = value; }
        public Double getConcurrencyOverheadms() { return concurrencyOverheadms; }
        public void setConcurrencyOverheadms(Double value) { concurrencyOverheadms = value; }
        public Integer getFaasSystemOverheadms() { return faasSystemOverheadms; }
        public void setFaasSystemOverheadms(Integer value) { faasSystemOverheadms = value; }
        public Integer getCryptoOverheadms() { return cryptoOverheadms; }
        public void setCryptoOverheadms(Integer value) { cryptoOverheadms = value; }
        public Integer getSessionOverheadms() { return sessionOverheadms; }
        public void setSessionOverheadms(Integer value) { sessionOverheadms = value; }
        public Integer getDeploymentOverheadms() { return deploymentOverheadms; }
        public void setDeploymentOverheadms(Integer value) { deploymentOverheadms = value; }
        public Integer getRoundTrips() { return roundTrips; }
        public void setRoundTrips(Integer value) { roundTrips = value; }
        public Integer getR() { return r; }
        public void setR(Integer value) { r = value; }
    }

    /** A row of region; a provider that the enumeration does not have is an error. */
    public static class Region {
        private int id;
        private String region;
        private Double availability;
        private Provider provider;
        private Integer providerID;
        private String location;
        private Double networkOverheadms;
        private Double overheadLoadms;
        private Double overheadBurstms;
        private Double invocationDelayLoadms;
        private Double invocationDelayBurstms;
        private Double concurrencyOverheadms;
        private Double faasSystemOverheadms;
        private Double bandwidth;

        public int getId() { return id; }
        public void setId(int value) { id = value; }
        public String getRegion() { return region; }
        public void setRegion(String value) { region = value; }
        public Double getAvailability() { return availability; }
        public void setAvailability(Double value) { availability = value; }
        public Provider getProvider() { return provider; }
        public void setProvider(Provider value) { provider = value; }
        public Integer getProviderID() { return providerID; }
        public void setProviderID(Integer value) { providerID = value; }
        public String getLocation() { return location; }
        public void setLocation(String value) { location = value; }
        public Double getNetworkOverheadms() { return networkOverheadms; }
        public void setNetworkOverheadms(Double value) { networkOverheadms = value; }
        public Double getOverheadLoadms() { return overheadLoadms; }
        public void setOverheadLoadms(Double value) { overheadLoadms = value; }
        public Double getOverheadBurstms() { return overheadBurstms; }
        public void setOverheadBurstms(Double value) { overheadBurstms = value; }
        public Double getInvocationDelayLoadms() { return invocationDelayLoadms; }
        public void setInvocationDelayLoadms(Double value) { invocationDelayLoadms = value; }
        public Double getInvocationDelayBurstms() { return invocationDelayBurstms; }
        public void setInvocationDelayBurstms(Double value) { invocationDelayBurstms = value; }
        public Double getConcurrencyOverheadms() { return concurrencyOverheadms; }
        public void setConcurrencyOverheadms(Double value) { concurrencyOverheadms = value; }
        public Double getFaasSystemOverheadms() { return faasSystemOverheadms; }
        public void setFaasSystemOverheadms(Double value) { faasSystemOverheadms = value; }
        public Double getBandwidth() { return bandwidth; }
        public void setBandwidth(Double value) { bandwidth = value; }
    }

    /** A row of language. */
    public static class Language {
        private long id;
        private String name;
        private String idAWS;
        private String idAlibaba;
        private String idAzure;
        private String idGoogle;
        private String idIBM;

        public long getId() { return id; }
        public void setId(long value) { id = value; }
        public String getName() { return name; }
        public void setName(String value) { name = value; }
        public String getIdAWS() { return idAWS; }
        public void setIdAWS(String value) { idAWS = value; }
        public String getIdAlibaba() { return idAlibaba; }
        public void setIdAlibaba(String value) { idAlibaba = value; }
        public String getIdAzure() { return idAzure; }
        public void setIdAzure(String value) { idAzure = value; }
        public String getIdGoogle() { return idGoogle; }
        public void setIdGoogle(String value) { idGoogle = value; }
        public String getIdIBM() { return idIBM; }
        public void setIdIBM(String value) { idIBM = value; }
    }

    /** A row of cpu. */
    public static class Cpu {
        private int id;
        private Integer provider;
        private Integer region;
        private String name;
        private Integer parallel;
        private Double MIPS;
        private Integer from_percentage;
        private Integer to_percentage;

        public int getId() { return id; }
        public void setId(int value) { id = value; }
        public Integer getProvider() { return provider; }
        public void setProvider(Integer value) { provider = value; }
        public Integer getRegion() { return region; }
        public void setRegion(Integer value) { region = value; }
        public String getName() { return name; }
        public void setName(String value) { name = value; }
        public Integer getParallel() { return parallel; }
        public void setParallel(Integer value) { parallel = value; }
        public Double getMIPS() { return MIPS; }
        public void setMIPS(Double value) { MIPS = value; }
        public Integer getFrom_percentage() { return from_percentage; }
        public void setFrom_percentage(Integer value) { from_percentage = value; }
        public Integer getTo_percentage() { return to_percentage; }
        public void setTo_percentage(Integer value) { to_percentage = value; }
    }

    /** A row of service. */
    public static class Service {
        private int id;
        private String type;
        private Integer providerID;

        public int getId() { return id; }
        public void setId(int value) { id = value; }
        public String getType() { return type; }
        public void setType(String value) { type = value; }
        public Integer getProviderID() { return providerID; }
        public void setProviderID(Integer value) { providerID = value; }
    }

    /** A row of serviceDeployment. */
    public static class ServiceDeployment {
        private int id;
        private Integer serviceID;
        private Integer regionID;
        private Double velocity;
        private Double startup;

        public int getId() { return id; }
        public void setId(int value) { id = value; }
        public Integer getServiceID() { return serviceID; }
        public void setServiceID(Integer value) { serviceID = value; }
        public Integer getRegionID() { return regionID; }
        public void setRegionID(Integer value) { regionID = value; }
        public Double getVelocity() { return velocity; }
        public void setVelocity(Double value) { velocity = value; }
        public Double getStartup() { return startup; }
        public void setStartup(Double value) { startup = value; }
    }

    /** A row of networking. */
    public static class Networking {
        private Integer sourceRegionID;
        private Integer destinationRegionID;
        private Double bandwidth;
        private Double latency;

        public Integer getSourceRegionID() { return sourceRegionID; }
        public void setSourceRegionID(Integer value) { sourceRegionID = value; }
        public Integer getDestinationRegionID() { return destinationRegionID; }
        public void setDestinationRegionID(Integer value) { destinationRegionID = value; }
        public Double getBandwidth() { return bandwidth; }
        public void setBandwidth(Double value) { bandwidth = value; }
        public Double getLatency() { return latency; }
        public void setLatency(Double value) { latency = value; }
    }

    /** A row of data_transfer. */
    public static class DataTransfer {
        private int id;
        private String type;
        private Integer functionRegionID;
        private Integer storageRegionID;
        private Double bandwidth;
        private Double latency;

        public int getId() { return id; }
        public void setId(int value) { id = value; }
        public String getType() { return type; }
        public void setType(String value) { type = value; }
        public Integer getFunctionRegionID() { return functionRegionID; }
        public void setFunctionRegionID(Integer value) { functionRegionID = value; }
        public Integer getStorageRegionID() { return storageRegionID; }
        public void setStorageRegionID(Integer value) { storageRegionID = value; }
        public Double getBandwidth() { return bandwidth; }
        public void setBandwidth(Double value) { bandwidth = value; }
        public Double getLatency() { return latency; }
        public void setLatency(Double value) { latency = value; }
    }
}
